using Evenkeel.Payments;
using static Evenkeel.Contract.Mapping.Scalars;

namespace Evenkeel.Contract.Mapping;

/// <summary>Cards and payees, there and back.</summary>
internal static class ServiceMap
{
    public static Wire.CardsAnswer ToWire(QueryAnswer<IReadOnlyList<CardView>> answer) =>
        Answers.ToWire<IReadOnlyList<CardView>, Wire.CardsAnswer>(
            answer,
            static (wire, value) => wire.Cards.AddRange(value.Select(ToWire))
        );

    public static QueryAnswer<IReadOnlyList<CardView>> ToDomain(Wire.CardsAnswer wire) =>
        Answers.ToDomain<IReadOnlyList<CardView>, Wire.CardsAnswer>(
            wire,
            static found => [.. found.Cards.Select(ToDomain)]
        );

    public static Wire.CardAnswer ToWire(QueryAnswer<CardView> answer) =>
        Answers.ToWire<CardView, Wire.CardAnswer>(
            answer,
            static (wire, value) => wire.Card = ToWire(value)
        );

    public static QueryAnswer<CardView> ToDomain(Wire.CardAnswer wire) =>
        Answers.ToDomain(wire, static found => ToDomain(found.Card));

    public static Wire.PayeesAnswer ToWire(QueryAnswer<IReadOnlyList<PayeeView>> answer) =>
        Answers.ToWire<IReadOnlyList<PayeeView>, Wire.PayeesAnswer>(
            answer,
            static (wire, value) => wire.Payees.AddRange(value.Select(ToWire))
        );

    public static QueryAnswer<IReadOnlyList<PayeeView>> ToDomain(Wire.PayeesAnswer wire) =>
        Answers.ToDomain<IReadOnlyList<PayeeView>, Wire.PayeesAnswer>(
            wire,
            static found => [.. found.Payees.Select(ToDomain)]
        );

    public static Wire.PayeeAnswer ToWire(QueryAnswer<PayeeView> answer) =>
        Answers.ToWire<PayeeView, Wire.PayeeAnswer>(
            answer,
            static (wire, value) => wire.Payee = ToWire(value)
        );

    public static QueryAnswer<PayeeView> ToDomain(Wire.PayeeAnswer wire) =>
        Answers.ToDomain(wire, static found => ToDomain(found.Payee));

    public static Wire.RemovedAnswer ToWire(QueryAnswer<string> answer) =>
        Answers.ToWire<string, Wire.RemovedAnswer>(
            answer,
            static (wire, value) => wire.Payee = value
        );

    public static QueryAnswer<string> ToDomain(Wire.RemovedAnswer wire) =>
        Answers.ToDomain(wire, static found => found.Payee);

    private static Wire.CardView ToWire(CardView card) =>
        new()
        {
            Token = card.Token.Value,
            Account = card.Account.Value,
            LastFour = card.LastFour,
            ExpiryYearMonth = card.ExpiryYearMonth,
            State = (uint)card.State,
            IsFrozen = card.IsFrozen,
            IsPinBlocked = card.IsPinBlocked,
        };

    private static CardView ToDomain(Wire.CardView? wire)
    {
        var given = Needed(wire);
        return new CardView(
            new CardToken(given.Token),
            ToAccount(given.Account),
            given.LastFour,
            given.ExpiryYearMonth,
            ToKnown<CardState>(given.State),
            given.IsFrozen,
            given.IsPinBlocked
        );
    }

    private static Wire.PayeeView ToWire(PayeeView payee)
    {
        Wire.PayeeView wire = new()
        {
            Id = payee.Id,
            Account = payee.Account,
            Since = Scalars.ToWire(payee.Since),
            IsNew = payee.IsNew,
        };
        if (payee.Bank is { } bank)
        {
            wire.Bank = bank;
        }
        if (payee.Name is { } name)
        {
            wire.Name = name;
        }
        return wire;
    }

    private static PayeeView ToDomain(Wire.PayeeView? wire)
    {
        var given = Needed(wire);
        return new PayeeView(
            given.Id,
            given.HasBank ? given.Bank : null,
            given.Account,
            given.HasName ? given.Name : null,
            ToInstant(given.Since),
            given.IsNew
        );
    }
}
