using Evenkeel.Payments;
using Google.Protobuf;
using static Evenkeel.Contract.Mapping.Scalars;
using Kind = Evenkeel.Contract.Wire.Movement.KindOneofCase;

namespace Evenkeel.Contract.Mapping;

/// <summary>What shall move.</summary>
internal static class MovementMap
{
    public static Wire.Movement ToWire(Movement movement) =>
        movement switch
        {
            Movement.CreditTransfer transfer => new() { CreditTransfer = ToWire(transfer) },
            Movement.IncomingCredit incoming => new()
            {
                IncomingCredit = new()
                {
                    DebtorBank = incoming.DebtorBank.Value,
                    DebtorAccount = incoming.DebtorAccount,
                    DebtorName = incoming.DebtorName,
                    Creditor = incoming.Creditor.Value,
                },
            },
            Movement.CashWithdrawal withdrawal => new() { CashWithdrawal = ToWire(withdrawal) },
            Movement.CashDeposit deposit => new()
            {
                CashDeposit = new() { To = deposit.To.Value, Terminal = deposit.Terminal.Value },
            },
            Movement.CardAuthorisation authorisation => new()
            {
                CardAuthorisation = new()
                {
                    Card = CardToWire(authorisation.Card),
                    Merchant = ToWire(authorisation.Merchant),
                },
            },
            Movement.CardPurchase purchase => new()
            {
                CardPurchase = new()
                {
                    Card = CardToWire(purchase.Card),
                    Merchant = ToWire(purchase.Merchant),
                },
            },
            Movement.CardCompletion completion => new()
            {
                CardCompletion = new()
                {
                    Authorisation = Scalars.ToWire(completion.Authorisation),
                    Merchant = ToWire(completion.Merchant),
                },
            },
            Movement.BillPayment bill => new()
            {
                BillPayment = new()
                {
                    Debtor = bill.Debtor.Value,
                    Biller = bill.Biller.Value,
                    BillNumber = bill.BillNumber,
                },
            },
            Movement.Reversal reversal => new()
            {
                Reversal = new()
                {
                    Original = Scalars.ToWire(reversal.Original),
                    Completed = reversal.Completed is { } completed
                        ? Scalars.ToWire(completed)
                        : null,
                },
            },
            Movement.Return returned => new()
            {
                Return = new()
                {
                    Original = Scalars.ToWire(returned.Original),
                    Why = (uint)returned.Why,
                },
            },
            _ => throw new InvalidOperationException("An unknown movement."),
        };

    public static Movement ToDomain(Wire.Movement? movement) =>
        movement?.KindCase switch
        {
            Kind.CreditTransfer => new Movement.CreditTransfer(
                ToAccount(movement.CreditTransfer.Debtor),
                CreditorOf(movement.CreditTransfer)
            ),
            Kind.IncomingCredit => new Movement.IncomingCredit(
                new BankCode(movement.IncomingCredit.DebtorBank),
                movement.IncomingCredit.DebtorAccount,
                movement.IncomingCredit.DebtorName,
                ToAccount(movement.IncomingCredit.Creditor)
            ),
            Kind.CashWithdrawal => new Movement.CashWithdrawal(
                FundingOf(movement.CashWithdrawal),
                new TerminalId(movement.CashWithdrawal.Terminal)
            ),
            Kind.CashDeposit => new Movement.CashDeposit(
                ToAccount(movement.CashDeposit.To),
                new TerminalId(movement.CashDeposit.Terminal)
            ),
            Kind.CardAuthorisation => new Movement.CardAuthorisation(
                CardToDomain(movement.CardAuthorisation.Card),
                ToDomain(movement.CardAuthorisation.Merchant)
            ),
            Kind.CardPurchase => new Movement.CardPurchase(
                CardToDomain(movement.CardPurchase.Card),
                ToDomain(movement.CardPurchase.Merchant)
            ),
            Kind.CardCompletion => new Movement.CardCompletion(
                ToInstructionId(movement.CardCompletion.Authorisation),
                ToDomain(movement.CardCompletion.Merchant)
            ),
            Kind.BillPayment => new Movement.BillPayment(
                ToAccount(movement.BillPayment.Debtor),
                new BillerCode(movement.BillPayment.Biller),
                movement.BillPayment.BillNumber
            ),
            Kind.Reversal => new Movement.Reversal(
                ToInstructionId(movement.Reversal.Original),
                movement.Reversal.Completed is { } completed ? ToMoney(completed) : null
            ),
            Kind.Return => new Movement.Return(
                ToInstructionId(movement.Return.Original),
                ToKnown<OutcomeReason>(movement.Return.Why)
            ),
            _ => throw new ContractException("Nothing that this program knows shall move."),
        };

    public static Wire.Card CardToWire(CardUse card)
    {
        Wire.Card wire = new() { Token = card.Token.Value, ExpiryYearMonth = card.ExpiryYearMonth };
        if (card.Pin is { } pin)
        {
            wire.SealedPin = ByteString.CopyFrom(pin.Bytes.Span);
        }
        if (card.EntryMode is { } entryMode)
        {
            wire.EntryMode = entryMode;
        }
        return wire;
    }

    public static CardUse CardToDomain(Wire.Card? card)
    {
        var given = Needed(card);
        return new CardUse(
            new CardToken(given.Token),
            given.ExpiryYearMonth,
            given.HasSealedPin ? new SealedPin(given.SealedPin.ToByteArray()) : null,
            given.HasEntryMode ? given.EntryMode : null
        );
    }

    public static Wire.Movement.Types.Here ToWire(Creditor.Here here)
    {
        Wire.Movement.Types.Here wire = new() { Account = here.Account.Value };
        if (here.Name is { } name)
        {
            wire.Name = name;
        }
        return wire;
    }

    public static Wire.Movement.Types.Elsewhere ToWire(Creditor.Elsewhere elsewhere) =>
        new()
        {
            Bank = elsewhere.Bank.Value,
            Account = elsewhere.Account,
            Name = elsewhere.Name,
        };

    public static Creditor ToDomain(Wire.Movement.Types.Here here) =>
        new Creditor.Here(ToAccount(here.Account), here.HasName ? here.Name : null);

    public static Creditor.Elsewhere ToDomain(Wire.Movement.Types.Elsewhere elsewhere) =>
        new Creditor.Elsewhere(new BankCode(elsewhere.Bank), elsewhere.Account, elsewhere.Name);

    private static Wire.Movement.Types.CreditTransfer ToWire(Movement.CreditTransfer transfer)
    {
        Wire.Movement.Types.CreditTransfer wire = new() { Debtor = transfer.Debtor.Value };
        switch (transfer.Creditor)
        {
            case Creditor.Here here:
                wire.Here = ToWire(here);
                break;
            case Creditor.Elsewhere elsewhere:
                wire.Elsewhere = ToWire(elsewhere);
                break;
            default:
                throw new InvalidOperationException("An unknown creditor.");
        }
        return wire;
    }

    private static Wire.Movement.Types.CashWithdrawal ToWire(Movement.CashWithdrawal withdrawal)
    {
        Wire.Movement.Types.CashWithdrawal wire = new() { Terminal = withdrawal.Terminal.Value };
        switch (withdrawal.From)
        {
            case Funding.OfAccount account:
                wire.Account = account.Account.Value;
                break;
            case Funding.OfCard card:
                wire.Card = CardToWire(card.Card);
                break;
            default:
                throw new InvalidOperationException("An unknown funding.");
        }
        return wire;
    }

    private static Wire.Merchant ToWire(Merchant merchant) =>
        new()
        {
            Terminal = merchant.Terminal.Value,
            Acceptor = merchant.Acceptor,
            Category = merchant.Category,
            NameAndPlace = merchant.NameAndPlace,
        };

    private static Merchant ToDomain(Wire.Merchant? merchant)
    {
        var given = Needed(merchant);
        return new Merchant(
            new TerminalId(given.Terminal),
            given.Acceptor,
            given.Category,
            given.NameAndPlace
        );
    }

    private static Creditor CreditorOf(Wire.Movement.Types.CreditTransfer transfer) =>
        transfer.CreditorCase switch
        {
            Wire.Movement.Types.CreditTransfer.CreditorOneofCase.Here => ToDomain(transfer.Here),
            Wire.Movement.Types.CreditTransfer.CreditorOneofCase.Elsewhere => ToDomain(
                transfer.Elsewhere
            ),
            _ => throw new ContractException("A creditor is missing."),
        };

    private static Funding FundingOf(Wire.Movement.Types.CashWithdrawal withdrawal) =>
        withdrawal.FromCase switch
        {
            Wire.Movement.Types.CashWithdrawal.FromOneofCase.Account => new Funding.OfAccount(
                ToAccount(withdrawal.Account)
            ),
            Wire.Movement.Types.CashWithdrawal.FromOneofCase.Card => new Funding.OfCard(
                CardToDomain(withdrawal.Card)
            ),
            _ => throw new ContractException("What pays for the cash is missing."),
        };
}
