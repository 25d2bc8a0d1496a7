using Evenkeel.Payments;
using static Evenkeel.Contract.Mapping.Scalars;

namespace Evenkeel.Contract.Mapping;

/// <summary>What branches ask for, there and back.</summary>
internal static class BranchMap
{
    public static Wire.ProductsAnswer ToWire(QueryAnswer<IReadOnlyList<ProductView>> answer) =>
        Answers.ToWire<IReadOnlyList<ProductView>, Wire.ProductsAnswer>(
            answer,
            static (wire, products) => wire.Products.AddRange(products.Select(ToWire))
        );

    public static QueryAnswer<IReadOnlyList<ProductView>> ToDomain(Wire.ProductsAnswer wire) =>
        Answers.ToDomain<IReadOnlyList<ProductView>, Wire.ProductsAnswer>(
            wire,
            static found => [.. found.Products.Select(ToDomain)]
        );

    public static Wire.CustomerAnswer ToWire(QueryAnswer<CustomerFile> answer) =>
        Answers.ToWire<CustomerFile, Wire.CustomerAnswer>(
            answer,
            static (wire, customer) =>
            {
                wire.Id = customer.Id.Value;
                wire.IsFrozen = customer.IsFrozen;
                wire.Accounts.AddRange(customer.Accounts.Select(static number => number.Value));
                if (customer.Profile is { } profile)
                {
                    wire.Profile = ToWire(profile);
                }
            }
        );

    public static QueryAnswer<CustomerFile> ToDomain(Wire.CustomerAnswer wire) =>
        Answers.ToDomain(
            wire,
            static found => new CustomerFile(
                new CustomerId(found.Id),
                found.IsFrozen,
                found.Profile is { } profile ? ToDomain(profile) : null,
                [.. found.Accounts.Select(ToAccount)]
            )
        );

    public static Wire.LoginAnswer ToWire(QueryAnswer<MadeLogin> answer) =>
        Answers.ToWire<MadeLogin, Wire.LoginAnswer>(
            answer,
            static (wire, made) =>
            {
                wire.Login = made.Login;
                wire.Secret = made.Secret;
                if (made.AuthenticatorKey is { } key)
                {
                    wire.AuthenticatorKey = key;
                }
            }
        );

    public static QueryAnswer<MadeLogin> ToDomain(Wire.LoginAnswer wire) =>
        Answers.ToDomain(
            wire,
            static found => new MadeLogin(
                found.Login,
                found.Secret,
                found.HasAuthenticatorKey ? found.AuthenticatorKey : null
            )
        );

    public static Wire.AuditAnswer ToWire(QueryAnswer<IReadOnlyList<AuditLine>> answer) =>
        Answers.ToWire<IReadOnlyList<AuditLine>, Wire.AuditAnswer>(
            answer,
            static (wire, lines) => wire.Lines.AddRange(lines.Select(ToWire))
        );

    public static QueryAnswer<IReadOnlyList<AuditLine>> ToDomain(Wire.AuditAnswer wire) =>
        Answers.ToDomain<IReadOnlyList<AuditLine>, Wire.AuditAnswer>(
            wire,
            static found => [.. found.Lines.Select(ToDomain)]
        );

    public static Wire.Profile ToWire(NewCustomer customer)
    {
        Wire.Profile wire = new()
        {
            IsCompany = customer.IsCompany,
            Name = customer.Name,
            Language = customer.Language,
        };
        if (customer.Address is { } address)
        {
            wire.Address = address;
        }
        if (customer.Phone is { } phone)
        {
            wire.Phone = phone;
        }
        if (customer.Email is { } email)
        {
            wire.Email = email;
        }
        return wire;
    }

    public static NewCustomer ToDomain(Wire.Profile? wire)
    {
        var given = Needed(wire);
        return new NewCustomer(given.IsCompany, given.Name, given.Language)
        {
            Address = given.HasAddress ? given.Address : null,
            Phone = given.HasPhone ? given.Phone : null,
            Email = given.HasEmail ? given.Email : null,
        };
    }

    private static Wire.Product ToWire(ProductView product) =>
        new()
        {
            Code = product.Code,
            Kind = product.Kind,
            Currency = product.Currency,
            CreditBasisPoints = product.CreditBasisPoints,
            DebitBasisPoints = product.DebitBasisPoints,
            MonthlyFee = Scalars.ToWire(product.MonthlyFee),
            OverdraftMax = Scalars.ToWire(product.OverdraftMax),
        };

    private static ProductView ToDomain(Wire.Product wire) =>
        new(
            wire.Code,
            wire.Kind,
            wire.Currency,
            wire.CreditBasisPoints,
            wire.DebitBasisPoints,
            ToMoney(wire.MonthlyFee),
            ToMoney(wire.OverdraftMax)
        );

    private static Wire.AuditLine ToWire(AuditLine line) =>
        new()
        {
            At = Scalars.ToWire(line.At),
            Actor = line.Actor,
            ActorKind = line.ActorKind,
            Channel = (uint)line.Channel,
            What = line.What,
            Subject = line.Subject,
            IsLastOfHour = line.IsLastOfHour,
        };

    private static AuditLine ToDomain(Wire.AuditLine wire) =>
        new(
            ToInstant(wire.At),
            wire.Actor,
            wire.ActorKind,
            ToKnown<Channel>(wire.Channel),
            wire.What,
            wire.Subject,
            wire.IsLastOfHour
        );
}
