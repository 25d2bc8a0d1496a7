using Evenkeel.Payments;

namespace Evenkeel.Contract.Mapping
{
    /// <summary>Answers of queries, there and back: a reason other than 0 is a refusal.</summary>
    internal static class Answers
    {
        public static TWire ToWire<T, TWire>(QueryAnswer<T> answer, Action<TWire, T> fill)
            where TWire : Wire.IAnswer, new()
        {
            TWire wire = new();
            switch (answer)
            {
                case QueryAnswer<T>.Found found:
                    wire.AsOf = Scalars.ToWire(found.AsOf);
                    fill(wire, found.Value);
                    return wire;
                case QueryAnswer<T>.Refused refused:
                    wire.Refused = (uint)refused.Reason;
                    return wire;
                default:
                    throw new InvalidOperationException("A third kind of answer.");
            }
        }

        public static QueryAnswer<T> ToDomain<T, TWire>(TWire wire, Func<TWire, T> value)
            where TWire : Wire.IAnswer =>
            wire.Refused != 0
                ? new QueryAnswer<T>.Refused(Scalars.ToKnown<OutcomeReason>(wire.Refused))
                : new QueryAnswer<T>.Found(value(wire), Scalars.ToInstant(wire.AsOf));
    }
}

namespace Evenkeel.Contract.Wire
{
    /// <summary>What every answer of a query begins with.</summary>
    internal interface IAnswer
    {
        uint Refused { get; set; }

        long AsOf { get; set; }
    }

    internal sealed partial class AccountAnswer : IAnswer;

    internal sealed partial class BulkRunsAnswer : IAnswer;

    internal sealed partial class BulkRunAnswer : IAnswer;

    internal sealed partial class BulkLinesAnswer : IAnswer;

    internal sealed partial class StandingOrdersAnswer : IAnswer;

    internal sealed partial class StandingOrderAnswer : IAnswer;

    internal sealed partial class LoansAnswer : IAnswer;

    internal sealed partial class LoanAnswer : IAnswer;

    internal sealed partial class CreditLinesAnswer : IAnswer;

    internal sealed partial class ProductsAnswer : IAnswer;

    internal sealed partial class CustomerAnswer : IAnswer;

    internal sealed partial class LoginAnswer : IAnswer;

    internal sealed partial class AuditAnswer : IAnswer;

    internal sealed partial class AccountsAnswer : IAnswer;

    internal sealed partial class StatementAnswer : IAnswer;

    internal sealed partial class TraceAnswer : IAnswer;

    internal sealed partial class CardsAnswer : IAnswer;

    internal sealed partial class CardAnswer : IAnswer;

    internal sealed partial class PayeesAnswer : IAnswer;

    internal sealed partial class PayeeAnswer : IAnswer;

    internal sealed partial class RemovedAnswer : IAnswer;

    internal sealed partial class PasskeyChallengeAnswer : IAnswer;

    internal sealed partial class PasskeyAnswer : IAnswer;

    internal sealed partial class PasskeysAnswer : IAnswer;
}
