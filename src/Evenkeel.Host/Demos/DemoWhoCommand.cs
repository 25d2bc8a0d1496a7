using System.CommandLine;
using Evenkeel.Demo.Load.Customers;
using Evenkeel.Demo.Plan;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;

namespace Evenkeel.Host.Demos;

/// <summary>
/// <c>evenkeel demo who</c>: all that somebody of the demonstration has and knows. It follows from the
/// seed and is kept nowhere.
/// </summary>
internal static class DemoWhoCommand
{
    public static Command Create(BankDoor door)
    {
        Argument<string> reference = new("REFERENCE") { Description = Text.DemoWhoArgument };
        var who = new Command("who", Text.DemoWhoDescription) { reference }.WithRestOptions();
        who.Does(
            async (parsed, terminal, token) =>
            {
                var name = parsed.GetRequiredValue(reference);
                var demonstration = await Demonstration
                    .FindAsync(door, parsed, token)
                    .ConfigureAwait(false);
                var person =
                    Find(demonstration, name)
                    ?? throw new CommandFailedException(ExitCode.Usage, Text.DemoNobody(name));
                Print(terminal, person);
                terminal.Object(person, DemoJson.Default.DemoPerson);
                return ExitCode.Ok;
            }
        );
        return who;
    }

    private static DemoPerson? Find(Demonstration demonstration, string name)
    {
        var plan = demonstration.Plan;
        if (
            plan.Tellers.FirstOrDefault(t =>
                string.Equals(t.Login, name, StringComparison.Ordinal)
            ) is
            { } teller
        )
        {
            return WithLogin(
                new DemoPerson(
                    name,
                    Customer: null,
                    new Dictionary<string, string>(StringComparer.Ordinal)
                )
                {
                    Till = teller.Till,
                },
                plan.Options,
                "staff"
            );
        }
        var customer = plan.Customers.FirstOrDefault(c =>
            string.Equals(c.Reference, name, StringComparison.Ordinal)
        );
        if (customer is null || !demonstration.Answer.Customers.TryGetValue(name, out var number))
        {
            return null;
        }
        DemoPerson person = new(
            name,
            number,
            customer
                .Accounts.Where(a => demonstration.Answer.Accounts.ContainsKey(a.Reference))
                .ToDictionary(
                    static a => a.Reference,
                    a => demonstration.Answer.Accounts[a.Reference],
                    StringComparer.Ordinal
                )
        )
        {
            Card = DemoCards.Of(plan.Options, customer),
        };
        return string.Equals(name, DemoLogins.Company, StringComparison.Ordinal)
                ? WithLogin(person, plan.Options, "program")
            : customer.Habit == DemoHabit.Online ? WithLogin(person, plan.Options, "customer")
            : person;
    }

    private static DemoPerson WithLogin(DemoPerson person, DemoOptions options, string kind)
    {
        var isProgram = string.Equals(kind, "program", StringComparison.Ordinal);
        var key = DemoSecrets.CodeKeyOf(options, person.Reference);
        return person with
        {
            Login = person.Reference,
            LoginKind = kind,
            Password = DemoSecrets.PasswordOf(options, person.Reference),
            CodeKey = isProgram ? null : key,
            Code = isProgram ? null : Authenticator.CodeAt(key, TimeProvider.System.GetUtcNow()),
        };
    }

    private static void Print(Terminal terminal, DemoPerson person)
    {
        if (person.Customer is { } customer)
        {
            terminal.Line($"{Text.DemoWhoCustomer}: {customer}");
        }
        foreach (var (account, number) in person.Accounts)
        {
            terminal.Line($"  {account}: {number}");
        }
        if (person.Till is { } till)
        {
            terminal.Line($"{Text.DemoWhoTill}: {till}");
        }
        if (person.Login is { } login)
        {
            terminal.Line($"{Text.DemoWhoLogin} ({person.LoginKind}): {login} / {person.Password}");
        }
        if (person.CodeKey is { } key)
        {
            terminal.Line(Text.DemoWhoCode(key, person.Code!));
        }
        if (person.Card is { } card)
        {
            terminal.Line(Text.DemoCard(card.Number, card.ExpiryYearMonth, card.Pin));
        }
    }
}
