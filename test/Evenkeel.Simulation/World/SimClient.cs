using Evenkeel.Model;

namespace Evenkeel.Simulation.World;

/// <summary>
/// A client that wants one thing after the other, and asks with the same ids until it is told for sure.
/// </summary>
internal sealed class SimClient(SimWorld world, int id)
{
    private const int PatienceMs = 250;
    private ClientRequest? _request;
    private int _attempt;
    private int _leader;

    public bool IsIdle => _request is null;

    public int Wishes { get; set; }

    public void Next()
    {
        if (Wishes == 0 || _request is not null)
        {
            return;
        }
        Wishes--;
        int intent = world.NextIntent();
        _attempt = 0;
        _request =
            intent == 0 ? Intents.OpenAccounts(id, intent)
            : world.Chance.Percent(30) ? Intents.Operate(id, intent, world.Chance)
            : Intents.Move(id, intent, world.Chance);
        Ask();
    }

    /// <param name="lineage">The branch at the moment when the reply was sent.</param>
    public void Hear(ClientReply reply, UInt128 lineage)
    {
        if (_request is not { } request || reply.Intent != request.Intent)
        {
            return;
        }
        if (reply.Outcome != Outcome.Answered)
        {
            _leader = world.Chance.Below(world.Nodes.Count);
            return; // The retry is on its way.
        }
        world.Checker.Acknowledged(request, reply, lineage);
        _request = null;
        world.After(world.Chance.Between(1, 60), Next);
    }

    private void Ask()
    {
        if (_request is not { } request)
        {
            return;
        }
        ClientRequest sent =
            world.Bug == Bug.ClientForgetsItsId && _attempt > 0
                ? Intents.Forgetful(request, _attempt)
                : request;
        world.SendRequest(_leader, sent);
        int intent = request.Intent;
        _attempt++;
        world.After(
            PatienceMs,
            () =>
            {
                if (_request?.Intent == intent)
                {
                    _leader = world.Chance.Below(world.Nodes.Count);
                    Ask();
                }
            }
        );
    }
}
