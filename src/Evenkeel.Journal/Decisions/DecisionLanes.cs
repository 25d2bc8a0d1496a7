namespace Evenkeel.Journal.Decisions;

/// <summary>One lane for each name in use: who holds a lane decides, the others wait in order.</summary>
internal sealed class DecisionLanes(DecisionLimits limits)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<object, Lane> _lanes = [];
    private int _users;

    /// <summary>A place in every named lane, or null when one of them is full.</summary>
    public Place? TryQueue(IReadOnlyList<object> names)
    {
        lock (_lock)
        {
            if (_users >= limits.DecisionsMax)
            {
                return null;
            }

            foreach (var name in names)
            {
                if (
                    _lanes.TryGetValue(name, out var lane)
                    && lane.Users >= limits.DecisionsPerKeyMax
                )
                {
                    return null;
                }
            }

            _users++;
            var lanes = new Lane[names.Count];
            for (var i = 0; i < names.Count; i++)
            {
                if (!_lanes.TryGetValue(names[i], out var lane))
                {
                    lane = new Lane(names[i]);
                    _lanes.Add(names[i], lane);
                }

                lane.Users++;
                lanes[i] = lane;
            }

            return new Place(this, lanes);
        }
    }

    private void Leave(Lane[] lanes)
    {
        lock (_lock)
        {
            _users--;
            foreach (var lane in lanes)
            {
                lane.Users--;
                if (lane.Users == 0)
                {
                    _lanes.Remove(lane.Name);
                    lane.Turn.Dispose();
                }
            }
        }
    }

    /// <summary>
    /// Lanes are entered in the one order in which they were named to all, so that two decisions
    /// never wait for each other.
    /// </summary>
    internal sealed class Place(DecisionLanes owner, Lane[] lanes) : IDisposable
    {
        private int _held;

        public async ValueTask EnterAsync(CancellationToken cancellationToken)
        {
            while (_held < lanes.Length)
            {
                await lanes[_held].Turn.WaitAsync(cancellationToken);
                _held++;
            }
        }

        /// <summary>Lets the next decision in; all lanes but the first few are given up.</summary>
        public void Exit(int keep)
        {
            while (_held > keep)
            {
                _held--;
                lanes[_held].Turn.Release();
            }
        }

        public void Dispose()
        {
            Exit(keep: 0);
            owner.Leave(lanes);
        }
    }

    internal sealed class Lane(object name)
    {
        public object Name { get; } = name;

        public int Users { get; set; }

        public SemaphoreSlim Turn { get; } = new(1, 1);
    }
}
