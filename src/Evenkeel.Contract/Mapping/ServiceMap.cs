using Evenkeel.Payments;
using static Evenkeel.Contract.Mapping.Scalars;

namespace Evenkeel.Contract.Mapping;

/// <summary>Cards and payees, there and back.</summary>
internal static class ServiceMap
{
    public static Wire.CardsAnswer ToWire(QueryAnswer<IReadOnlyList<CardView>> answer) =>
        answer switch
        {
            QueryAnswer<IReadOnlyList<CardView>>.Found found => new()
            {
                AsOf = Scalars.ToWire(found.AsOf),
                Cards = { found.Value.Select(ToWire) },
            },
            QueryAnswer<IReadOnlyList<CardView>>.Refused refused => new()
            {
                Refused = (uint)refused.Reason,
            },
            _ => throw new InvalidOperationException("A third kind of answer."),
        };

    public static QueryAnswer<IReadOnlyList<CardView>> ToDomain(Wire.CardsAnswer wire) =>
        ViewMap.Answer<IReadOnlyList<CardView>>(
            wire.Refused,
            wire.AsOf,
            () => [.. wire.Cards.Select(ToDomain)]
        );

    public static Wire.CardAnswer ToWire(QueryAnswer<CardView> answer) =>
        answer switch
        {
            QueryAnswer<CardView>.Found found => new()
            {
                AsOf = Scalars.ToWire(found.AsOf),
                Card = ToWire(found.Value),
            },
            QueryAnswer<CardView>.Refused refused => new() { Refused = (uint)refused.Reason },
            _ => throw new InvalidOperationException("A third kind of answer."),
        };

    public static QueryAnswer<CardView> ToDomain(Wire.CardAnswer wire) =>
        ViewMap.Answer(wire.Refused, wire.AsOf, () => ToDomain(wire.Card));

    public static Wire.PayeesAnswer ToWire(QueryAnswer<IReadOnlyList<PayeeView>> answer) =>
        answer switch
        {
            QueryAnswer<IReadOnlyList<PayeeView>>.Found found => new()
            {
                AsOf = Scalars.ToWire(found.AsOf),
                Payees = { found.Value.Select(ToWire) },
            },
            QueryAnswer<IReadOnlyList<PayeeView>>.Refused refused => new()
            {
                Refused = (uint)refused.Reason,
            },
            _ => throw new InvalidOperationException("A third kind of answer."),
        };

    public static QueryAnswer<IReadOnlyList<PayeeView>> ToDomain(Wire.PayeesAnswer wire) =>
        ViewMap.Answer<IReadOnlyList<PayeeView>>(
            wire.Refused,
            wire.AsOf,
            () => [.. wire.Payees.Select(ToDomain)]
        );

    public static Wire.PayeeAnswer ToWire(QueryAnswer<PayeeView> answer) =>
        answer switch
        {
            QueryAnswer<PayeeView>.Found found => new()
            {
                AsOf = Scalars.ToWire(found.AsOf),
                Payee = ToWire(found.Value),
            },
            QueryAnswer<PayeeView>.Refused refused => new() { Refused = (uint)refused.Reason },
            _ => throw new InvalidOperationException("A third kind of answer."),
        };

    public static QueryAnswer<PayeeView> ToDomain(Wire.PayeeAnswer wire) =>
        ViewMap.Answer(wire.Refused, wire.AsOf, () => ToDomain(wire.Payee));

    public static Wire.RemovedAnswer ToWire(QueryAnswer<string> answer) =>
        answer switch
        {
            QueryAnswer<string>.Found found => new()
            {
                AsOf = Scalars.ToWire(found.AsOf),
                Payee = found.Value,
            },
            QueryAnswer<string>.Refused refused => new() { Refused = (uint)refused.Reason },
            _ => throw new InvalidOperationException("A third kind of answer."),
        };

    public static QueryAnswer<string> ToDomain(Wire.RemovedAnswer wire) =>
        ViewMap.Answer(wire.Refused, wire.AsOf, () => wire.Payee);

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
