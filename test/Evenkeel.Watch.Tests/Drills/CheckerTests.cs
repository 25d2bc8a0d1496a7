using Evenkeel.Model;
using Evenkeel.Watch.Drills.Checking;
using Xunit;

namespace Evenkeel.Watch.Tests.Drills;

/// <summary>
/// The checker finds each kind of violation when it is planted into a sound history, and nothing in
/// the sound one: a checker that never complains proves nothing.
/// </summary>
public sealed class CheckerTests
{
    private const int TransferCount = 200;
    private const int AccountCount = 8;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_sound_history_is_found_sound(int seed)
    {
        History history = History.Make(seed);

        CheckReport report = history.Check();

        Assert.Empty(report.Violations);
        Assert.True(report.Sound);
        Assert.Equal(TransferCount, report.Acknowledged);
        Assert.True(report.ReadsChecked > 0);
        Assert.True(report.UnknownAnswers > 0, "the history has tries of unknown outcome");
        Assert.Equal(2, report.PositionsCompared);
    }

    [Fact]
    public void An_acknowledged_transfer_that_is_gone_is_lost()
    {
        History history = History.Make(1);
        KeptTransfer gone = history.Transfers[77];
        history.Transfers.RemoveAt(77);
        history.Undo(gone);

        CheckReport report = history.Check();

        Assert.Equal(1, report.AcknowledgedLost);
        AssertFound(report, ViolationKind.Lost);
    }

    [Fact]
    public void A_transfer_that_is_there_twice_is_doubled()
    {
        History history = History.Make(1);
        KeptTransfer again = history.Transfers[50];
        history.Transfers.Add(again with { Timestamp = history.Transfers[^1].Timestamp + 1 });

        CheckReport report = history.Check();

        Assert.Equal(1, report.PostedTwice);
        AssertFound(report, ViolationKind.Doubled);
    }

    [Fact]
    public void A_balance_that_moved_twice_for_one_transfer_is_doubled()
    {
        History history = History.Make(1);
        KeptTransfer twice = history.Transfers[50];
        history.Move(twice.Debit, debits: twice.Amount, credits: 0);
        history.Move(twice.Credit, debits: 0, credits: twice.Amount);

        CheckReport report = history.Check();

        Assert.Equal(1, report.PostedTwice);
        AssertFound(report, ViolationKind.BalanceDiffers);
    }

    [Fact]
    public void A_transfer_that_nobody_asked_for_is_a_ghost()
    {
        History history = History.Make(1);
        KeptTransfer like = history.Transfers[^1];
        history.Transfers.Add(like with { Id = 999_999, Timestamp = like.Timestamp + 1 });

        AssertFound(history.Check(), ViolationKind.Ghost);
    }

    [Fact]
    public void A_transfer_that_is_there_although_it_was_refused_each_time_is_found()
    {
        History history = History.Make(1);
        history.RefuseEveryTryOf(history.Transfers[20].Id);

        AssertFound(history.Check(), ViolationKind.KeptAfterRefusal);
    }

    [Fact]
    public void Other_content_than_was_asked_for_is_found()
    {
        History history = History.Make(1);
        history.Transfers[10] = history.Transfers[10] with { Amount = 4_711 };

        AssertFound(history.Check(), ViolationKind.OtherContent);
    }

    [Fact]
    public void Another_time_than_was_answered_is_found()
    {
        History history = History.Make(1);
        history.Transfers[10] = history.Transfers[10] with
        {
            Timestamp = history.Transfers[10].Timestamp + 1,
        };

        AssertFound(history.Check(), ViolationKind.OtherTimestamp);
    }

    [Fact]
    public void Two_transfers_in_another_order_than_real_time_are_found()
    {
        History history = History.Make(1);
        history.SwapTimes(30, 90);

        AssertFound(history.Check(), ViolationKind.OrderBroken);
    }

    [Fact]
    public void A_history_that_is_not_in_the_order_of_its_times_is_found()
    {
        History history = History.Make(1);
        (history.Transfers[3], history.Transfers[4]) = (history.Transfers[4], history.Transfers[3]);

        AssertFound(history.Check(), ViolationKind.HistoryUnordered);
    }

    [Fact]
    public void Money_that_appears_on_one_side_is_found()
    {
        History history = History.Make(1);
        history.Move(history.Transfers[0].Credit, debits: 0, credits: 1);

        AssertFound(history.Check(), ViolationKind.MoneyNotConserved);
    }

    [Fact]
    public void A_read_that_misses_what_was_acknowledged_is_stale()
    {
        History history = History.Make(1);
        history.AddReadOfEverything("reader", at: history.EndNs + 100, minus: 1);

        AssertFound(history.Check(), ViolationKind.StaleRead);
    }

    [Fact]
    public void A_read_that_goes_back_behind_another_one_is_found()
    {
        History history = History.Make(1);
        history.AddReadOfEverything("first", at: history.EndNs + 100, minus: 0);
        history.AddReadOfEverything("second", at: history.EndNs + 200, minus: 1);

        AssertFound(history.Check(), ViolationKind.ReadWentBack);
    }

    [Fact]
    public void A_read_of_money_that_nobody_has_moved_yet_is_found()
    {
        History history = History.Make(1);
        history.AddReadOfEverything("early", at: 0, minus: 0);

        AssertFound(history.Check(), ViolationKind.ReadAhead);
    }

    [Fact]
    public void A_status_that_this_load_cannot_get_is_found()
    {
        History history = History.Make(1);
        history.AnswerFirstWith(CreateTransferStatus.ExceedsCredits);

        AssertFound(history.Check(), ViolationKind.WrongStatus);
    }

    [Fact]
    public void Two_nodes_with_different_digests_at_one_position_are_forked()
    {
        History history = History.Make(1);
        history.Nodes[1] = history.Nodes[1] with
        {
            Digests = new Dictionary<ulong, string> { [10] = "bbbb" },
        };

        AssertFound(history.Check(), ViolationKind.Forked);
    }

    [Fact]
    public void Two_archives_with_different_chains_at_one_position_are_forked()
    {
        History history = History.Make(1);
        history.Nodes[1] = history.Nodes[1] with
        {
            ChainHeads = new Dictionary<ulong, string> { [10] = "dddd" },
        };

        AssertFound(history.Check(), ViolationKind.Forked);
    }

    private static void AssertFound(CheckReport report, ViolationKind kind)
    {
        Assert.False(report.Sound);
        Assert.Contains(report.Violations, v => v.Kind == kind);
    }

    /// <summary>What a sound bank and its callers would have recorded.</summary>
    private sealed class History
    {
        private readonly List<WriteCall> _writes = [];
        private readonly List<ReadCall> _reads = [];
        private readonly SortedDictionary<UInt128, SeenAccount> _accounts = [];

        public List<KeptTransfer> Transfers { get; } = [];

        public List<NodeEvidence> Nodes { get; } =
        [
            new(
                "n1",
                new Dictionary<ulong, string> { [10] = "aaaa" },
                new Dictionary<ulong, string> { [10] = "cccc" }
            ),
            new(
                "n2",
                new Dictionary<ulong, string> { [10] = "aaaa" },
                new Dictionary<ulong, string> { [10] = "cccc" }
            ),
        ];

        public long EndNs { get; private set; }

        public static History Make(int seed)
        {
            var random = new Random(seed);
            History history = new();
            for (int account = 1; account <= AccountCount; account++)
            {
                history._accounts[(UInt128)account] = new((UInt128)account, 0, 0);
            }
            for (int i = 1; i <= TransferCount; i++)
            {
                history.Do(random, i);
            }
            return history;
        }

        public CheckReport Check()
        {
            CallLog log = new();
            _writes.ForEach(log.Add);
            _reads.ForEach(log.Add);
            return Checker.Check(
                log,
                new FinalState
                {
                    Accounts = [.. _accounts.Values],
                    Transfers = Transfers,
                    Nodes = Nodes,
                }
            );
        }

        public void Move(UInt128 account, ulong debits, ulong credits)
        {
            SeenAccount was = _accounts[account];
            _accounts[account] = new(account, was.Debits + debits, was.Credits + credits);
        }

        public void Undo(KeptTransfer transfer)
        {
            SeenAccount debit = _accounts[transfer.Debit];
            _accounts[transfer.Debit] = debit with { Debits = debit.Debits - transfer.Amount };
            SeenAccount credit = _accounts[transfer.Credit];
            _accounts[transfer.Credit] = credit with { Credits = credit.Credits - transfer.Amount };
        }

        public void SwapTimes(int first, int second)
        {
            ulong time = Transfers[first].Timestamp;
            SetTime(first, Transfers[second].Timestamp);
            SetTime(second, time);
            Transfers.Sort((a, b) => a.Timestamp.CompareTo(b.Timestamp));
        }

        public void RefuseEveryTryOf(UInt128 id)
        {
            for (int i = 0; i < _writes.Count; i++)
            {
                if (_writes[i].Movements[0].Id == id)
                {
                    _writes[i] = _writes[i] with { Outcome = CallOutcome.NotDone, Answers = [] };
                }
            }
        }

        public void AnswerFirstWith(CreateTransferStatus status)
        {
            int i = _writes.FindIndex(w => w.Outcome == CallOutcome.Done);
            CreateTransferResult answer = _writes[i].Answers[0] with { Status = status };
            _writes[i] = _writes[i] with { Answers = [answer] };
        }

        public void AddReadOfEverything(string by, long at, uint minus) =>
            _reads.Add(
                new ReadCall(
                    by,
                    at,
                    at + 1,
                    [
                        .. _accounts.Values.Select(a =>
                            a with
                            {
                                Debits = a.Debits == 0 ? 0 : a.Debits - minus,
                            }
                        ),
                    ]
                )
            );

        private void SetTime(int index, ulong time)
        {
            UInt128 id = Transfers[index].Id;
            Transfers[index] = Transfers[index] with { Timestamp = time };
            for (int i = 0; i < _writes.Count; i++)
            {
                if (_writes[i].Movements[0].Id == id && _writes[i].Outcome == CallOutcome.Done)
                {
                    CreateTransferResult answer = _writes[i].Answers[0] with { Timestamp = time };
                    _writes[i] = _writes[i] with { Answers = [answer] };
                }
            }
        }

        /// <summary>One transfer, some with a try of unknown outcome before; then perhaps a read.</summary>
        private void Do(Random random, int i)
        {
            var debit = (UInt128)random.Next(1, AccountCount + 1);
            var credit = (debit % AccountCount) + 1;
            Movement movement = new((UInt128)i, debit, credit, (ulong)random.Next(1, 100));
            CreateTransferResult answer = new()
            {
                Status = CreateTransferStatus.Created,
                Timestamp = (ulong)i * 10,
            };
            long start = EndNs + random.Next(1, 20);
            if (random.Next(4) == 0)
            {
                _writes.Add(Try(start, start + 5, CallOutcome.Unknown));
                start += 10;
                answer = answer with { Status = CreateTransferStatus.Exists };
            }
            EndNs = start + random.Next(1, 20);
            _writes.Add(Try(start, EndNs, CallOutcome.Done, answer));
            Transfers.Add(new(movement.Id, debit, credit, movement.Amount, answer.Timestamp));
            Move(debit, movement.Amount, 0);
            Move(credit, 0, movement.Amount);
            if (random.Next(3) == 0)
            {
                AddReadOfEverything("reader", EndNs + 1, minus: 0);
            }

            WriteCall Try(
                long from,
                long to,
                CallOutcome outcome,
                params CreateTransferResult[] answers
            ) => new("writer", from, to, [movement], outcome, answers, "");
        }
    }
}
