namespace Evenkeel.Payments.Compliance;

/// <summary>Whoever verifies who signs in, with logins that the suite may ask for.</summary>
public interface ISignInUnderTest
{
    ISignIn SignIn { get; }

    /// <summary>A customer's login with a password, nothing else, and no tries.</summary>
    Task<TestLogin> MakeAsync();

    /// <summary>Gives the login an authenticator of codes.</summary>
    /// <returns>The code of any moment.</returns>
    Task<Func<string>> AddCodesAsync(TestLogin login);

    /// <summary>Gives the login a passkey of this authenticator.</summary>
    /// <returns>What the bank calls it.</returns>
    Task<string> AddPasskeyAsync(TestLogin login, SoftwareAuthenticator authenticator);

    Task RemovePasskeyAsync(TestLogin login, string passkey);

    Task BlockAsync(TestLogin login);

    /// <summary>So much time goes by.</summary>
    void Pass(TimeSpan time);
}

/// <param name="Secret">The right one.</param>
public sealed record TestLogin(string Login, CustomerId Customer, string Secret)
{
    public Actor.Customer Actor(Assurance assurance) => new(Customer, assurance);
}
