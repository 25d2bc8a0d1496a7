using System.Text.Json;
using Evenkeel.Model;

namespace Evenkeel.Simulators.Atm;

/// <summary>
/// The physical side: notes in cassettes, and a motor that can fail. Its file is the hardware; notes
/// that left it are in a customer's hand, whatever the machine's program knows at that moment. Like a
/// real dispenser it remembers its last payout.
/// </summary>
internal sealed class CashDrawer
{
    private readonly string _path;
    private readonly AtmFaults _faults;
    private DrawerFile _state;

    private CashDrawer(string path, AtmFaults faults, DrawerFile state)
    {
        _path = path;
        _faults = faults;
        _state = state;
    }

    public IReadOnlyList<Cassette> Cassettes => _state.Cassettes;

    /// <summary>Minor units of all notes.</summary>
    public long Holds => _state.Cassettes.Sum(static c => c.Denomination * c.Notes);

    public static CashDrawer Open(string directory, AtmOptions options)
    {
        var path = Path.Combine(directory, "drawer.json");
        if (File.Exists(path))
        {
            var state =
                JsonSerializer.Deserialize(File.ReadAllBytes(path), AtmJson.Default.DrawerFile)
                ?? throw new InvalidDataException($"{path} is no drawer.");
            return new CashDrawer(path, options.Faults, state);
        }
        CashDrawer drawer = new(
            path,
            options.Faults,
            new DrawerFile(
                [.. options.Cassettes.OrderByDescending(static c => c.Denomination)],
                LastPayout: 0,
                LastMinor: 0
            )
        );
        drawer.Save(drawer._state);
        return drawer;
    }

    /// <summary>What the last payout of that number put out; 0 when the motor never ran for it.</summary>
    public long GivenFor(long payout) => _state.LastPayout == payout ? _state.LastMinor : 0;

    /// <summary>Whether the notes for an amount are there.</summary>
    public bool CanGive(long minor) => Plan(minor) is not null;

    /// <summary>Puts notes out, all, some or none of them.</summary>
    /// <returns>Minor units that came out.</returns>
    public long Give(long payout, long minor)
    {
        Check.That(payout > _state.LastPayout);
        var notes = Plan(minor);
        Check.That(notes is not null);
        var out_ = Fail(payout, notes);
        var cassettes = _state
            .Cassettes.Select(
                (c, i) => c with { Notes = c.Notes - out_.Count(cassette => cassette == i) }
            )
            .ToArray();
        var given = out_.Sum(cassette => _state.Cassettes[cassette].Denomination);
        Save(new DrawerFile(cassettes, payout, given));
        return given;
    }

    /// <summary>Largest notes first; indexes of cassettes.</summary>
    private List<int>? Plan(long minor)
    {
        List<int> notes = [];
        for (var i = 0; i < _state.Cassettes.Count; i++)
        {
            var cassette = _state.Cassettes[i];
            var take = Math.Min(minor / cassette.Denomination, cassette.Notes);
            if (notes.Count + take > AtmLimits.NotesMax)
            {
                return null;
            }
            notes.AddRange(Enumerable.Repeat(i, (int)take));
            minor -= take * cassette.Denomination;
        }
        return minor == 0 && notes.Count > 0 ? notes : null;
    }

    private List<int> Fail(long payout, List<int> notes)
    {
#pragma warning disable CA5394 // Faults are planted, not secret: the same seed gives the same ones.
        Random random = new(unchecked((_faults.Seed * 31) + (int)payout));
        var dice = random.Next(1_000);
        if (dice < _faults.JamsPerThousand)
        {
            return [];
        }
        return dice < _faults.JamsPerThousand + _faults.ShortagesPerThousand
            ? notes[..random.Next(notes.Count)]
            : notes;
#pragma warning restore CA5394
    }

    private void Save(DrawerFile state)
    {
        var beside = _path + ".new";
        using (FileStream file = new(beside, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, state, AtmJson.Default.DrawerFile);
            file.Flush(flushToDisk: true);
        }
        File.Move(beside, _path, overwrite: true);
        _state = state;
    }
}

/// <summary>docs/formats/atm.md.</summary>
internal sealed record DrawerFile(
    IReadOnlyList<Cassette> Cassettes,
    long LastPayout,
    long LastMinor
);
