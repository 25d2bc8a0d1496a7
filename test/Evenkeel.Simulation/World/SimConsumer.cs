using Evenkeel.Model;
using Evenkeel.Replication;

namespace Evenkeel.Simulation.World;

/// <summary>
/// Follows the archive of whichever node answers, with its own position (lineage, index, chain hash). One
/// that stands on a branch that was lost is refused and goes back to the fork.
/// </summary>
internal sealed class SimConsumer(SimWorld world)
{
    private const int EntriesAtOnceMax = 15;
    private UInt128 _lineage = 1;

    /// <summary>What it has taken in, by entry; entry 0 is zeros.</summary>
    public List<ChainHash> Taken { get; } = [default];

    public int Rewinds { get; private set; }

    public void Poll()
    {
        SimNode node = world.Nodes[world.Chance.Below(world.Nodes.Count)];
        if (node.IsAlive)
        {
            Follow(node);
        }
        world.After(world.Chance.Between(20, 90), Poll);
    }

    public void Follow(SimNode node)
    {
        ulong applied = node.Replica.AppliedIndex;
        ulong position = (ulong)Taken.Count - 1;
        if (node.Disk.Lineage != _lineage)
        {
            if (node.Disk.Lineage < _lineage)
            {
                return; // It has not heard of the new lineage yet.
            }
            ulong fork = world.ForkOf(node.Disk.Lineage);
            if (position > fork && world.Bug != Bug.BelieveLostLineage)
            {
                Rewinds++;
                Taken.RemoveRange((int)fork + 1, Taken.Count - (int)fork - 1);
                position = fork;
            }
            _lineage = node.Disk.Lineage;
        }
        if (position > applied)
        {
            return;
        }
        Check.That(
            world.Bug == Bug.BelieveLostLineage || Taken[^1] == node.Archive[(int)position],
            "a consumer's position is on the node's lineage"
        );
        ulong to = Math.Min(applied, position + EntriesAtOnceMax);
        for (ulong index = position + 1; index <= to; index++)
        {
            Taken.Add(node.Archive[(int)index]);
        }
    }
}
