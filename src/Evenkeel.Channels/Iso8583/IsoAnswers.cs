using System.Globalization;
using Evenkeel.Channels.Iso8583.Codec;
using Evenkeel.Payments;

namespace Evenkeel.Channels.Iso8583;

/// <summary>
/// Answers, made from the message asked and the bank's outcome only, so that a repeat gets the same
/// bytes.
/// </summary>
internal static class IsoAnswers
{
    public static IsoMessage Of(IsoMessage asked, string responseCode)
    {
        IsoMessage answer = new(asked.Mti.Response);
        foreach (var field in IsoRules.Echoed)
        {
            answer.Copy(asked, field);
        }
        if (asked.Mti.IsAdvice)
        {
            answer.Copy(asked, IsoField.AuthorisationId);
        }
        answer.Set(IsoField.ResponseCode, responseCode);
        return answer;
    }

    /// <returns>
    /// Null when nothing may be said: a request whose result is not known would end as "not approved"
    /// at the machine and perhaps as a debit in the bank. Unanswered, it is reversed by its sender,
    /// and the reversal is remembered.
    /// </returns>
    public static IsoMessage? Of(IsoMessage asked, PaymentOutcome outcome)
    {
        switch (outcome)
        {
            case PaymentOutcome.BeingResolved when !asked.Mti.IsAdvice && asked.Mti.Class != 4:
                return null;
            case PaymentOutcome.Done done:
                var answer = Of(asked, ReasonTable.Approved);
                answer.Set(IsoField.SettlementDate, IsoClock.MonthDay(done.Receipt.BookingDate));
                if (!answer.Has(IsoField.AuthorisationId) && asked.Mti.Class != 4)
                {
                    answer.Set(IsoField.AuthorisationId, done.Receipt.AuthorisationCode);
                }
                return answer;
            default:
                return Of(asked, CodeOf(asked.Mti, outcome));
        }
    }

    public static IsoMessage Of(IsoMessage asked, QueryAnswer<AccountView> found)
    {
        if (found is not QueryAnswer<AccountView>.Found { Value: var account })
        {
            var reason = ((QueryAnswer<AccountView>.Refused)found).Reason;
            return Of(asked, ReasonTable.Of(reason).ResponseCode);
        }
        var answer = Of(asked, ReasonTable.Approved);
        // The inquiry itself is nothing that the bank books: its own reference is the id.
        answer.Set(IsoField.AuthorisationId, asked[IsoField.Stan]);
        var type = asked.Text(IsoField.ProcessingCode)[2..4];
        answer.Set(
            IsoField.AdditionalAmounts,
            Group(type, "01", account.Booked) + Group(type, "02", account.Available)
        );
        return answer;
    }

    /// <summary>
    /// What was told is accepted when the bank has it already, or when nothing is left to undo: its
    /// sender repeats it until it is.
    /// </summary>
    private static string CodeOf(Mti asked, PaymentOutcome outcome) =>
        outcome is PaymentOutcome.NotDone { Reason: var reason }
        && (
            (asked.IsAdvice && reason == OutcomeReason.Duplicate)
            || (
                asked.Class == 4
                && reason is OutcomeReason.AlreadyReversed or OutcomeReason.OriginalNotReversible
            )
        )
            ? ReasonTable.Approved
            : ReasonTable.ResponseCode(outcome);

    /// <summary>Account type 2, amount type 2 (01 booked, 02 available), currency 3, sign, 12 digits.</summary>
    private static string Group(string accountType, string amountType, Money amount) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{accountType}{amountType}{amount.Currency:D3}{(amount.Minor < 0 ? 'D' : 'C')}{Math.Abs(amount.Minor):D12}"
        );
}
