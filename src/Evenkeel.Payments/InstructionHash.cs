using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Evenkeel.Payments;

/// <summary>
/// What makes two instructions with one id the same request: SHA-256 over what was asked for, cut to
/// 128 bits. Who checked it, when it was asked and whether it comes as an advice are not in it, since a
/// repeat of the same request may differ in them.
/// </summary>
public static class InstructionHash
{
    public static UInt128 Of(PaymentInstruction instruction)
    {
        ArgumentNullException.ThrowIfNull(instruction);
        var text = new StringBuilder("EKIH1");
        Add(text, (int)instruction.Origin.Channel);
        Add(text, instruction.Amount.Currency);
        Add(text, instruction.Amount.Minor);
        Add(text, instruction.ExecutionDate?.DayNumber ?? 0);
        Add(text, instruction.ValueDate?.DayNumber ?? 0);
        Add(text, instruction.Remittance ?? "");
        foreach (var reference in instruction.References.Keys())
        {
            // A rail renumbers what it repeats; the id says that it is the same.
            if (!reference.StartsWith("rail:", StringComparison.Ordinal))
            {
                Add(text, reference);
            }
        }
        Add(text, instruction.Movement);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()), digest);
        var value = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest);
        return value == 0 ? 1 : value;
    }

    private static void Add(StringBuilder text, Movement movement)
    {
        switch (movement)
        {
            case Movement.CreditTransfer transfer:
                Add(text, "transfer");
                Add(text, transfer.Debtor.ToString());
                switch (transfer.Creditor)
                {
                    case Creditor.Here here:
                        Add(text, here.Account.ToString());
                        break;
                    case Creditor.Elsewhere elsewhere:
                        Add(text, elsewhere.Bank.Value);
                        Add(text, elsewhere.Account);
                        Add(text, elsewhere.Name);
                        break;
                }
                break;
            case Movement.IncomingCredit incoming:
                Add(text, "incoming");
                Add(text, incoming.DebtorBank.Value);
                Add(text, incoming.DebtorAccount);
                Add(text, incoming.Creditor.ToString());
                break;
            case Movement.CashWithdrawal withdrawal:
                Add(text, "withdrawal");
                Add(text, withdrawal.Terminal.Value);
                Add(
                    text,
                    withdrawal.From switch
                    {
                        Funding.OfAccount account => account.Account.ToString(),
                        Funding.OfCard card => card.Card.Token.Value,
                        _ => throw new InvalidOperationException("An unknown funding."),
                    }
                );
                break;
            case Movement.CashDeposit deposit:
                Add(text, "deposit");
                Add(text, deposit.Terminal.Value);
                Add(text, deposit.To.ToString());
                break;
            case Movement.CardAuthorisation authorisation:
                Add(text, "authorisation");
                Add(text, authorisation.Card.Token.Value);
                Add(text, authorisation.Merchant.Terminal.Value);
                break;
            case Movement.CardPurchase purchase:
                Add(text, "purchase");
                Add(text, purchase.Card.Token.Value);
                Add(text, purchase.Merchant.Terminal.Value);
                break;
            case Movement.CardCompletion completion:
                Add(text, "completion");
                Add(text, completion.Authorisation.ToString());
                break;
            case Movement.BillPayment bill:
                Add(text, "bill");
                Add(text, bill.Debtor.ToString());
                Add(text, bill.Biller.Value);
                Add(text, bill.BillNumber);
                break;
            case Movement.Reversal reversal:
                Add(text, "reversal");
                Add(text, reversal.Original.ToString());
                Add(text, reversal.Completed?.Minor ?? 0);
                break;
            case Movement.Return returned:
                Add(text, "return");
                Add(text, returned.Original.ToString());
                break;
            default:
                throw new InvalidOperationException("An unknown movement.");
        }
    }

    // Length first: no two different lists give the same text.
    private static void Add(StringBuilder text, string part) =>
        text.Append('\n').Append(part.Length).Append(':').Append(part);

    private static void Add(StringBuilder text, long number) =>
        Add(text, number.ToString(CultureInfo.InvariantCulture));
}
