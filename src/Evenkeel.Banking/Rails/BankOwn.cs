using Evenkeel.Payments;

namespace Evenkeel.Banking.Rails;

/// <summary>What this bank is called at the clearing.</summary>
public static class BankOwn
{
    /// <summary>Eleven characters in the shape of a BIC (ISO 9362); of a country code that is none.</summary>
    public static readonly BankCode Code = new("EVKLXXXXXXX");
}
