using Evenkeel.Payments;

namespace Evenkeel.Banking.GeneralLedger;

/// <summary>Names in the ledger, each made from what it stands for, so that none need be looked up.</summary>
internal static class LedgerIds
{
    private const int KindShift = 96;

    private static readonly UInt128 CustomerKind = (UInt128)1 << KindShift;
    private static readonly UInt128 BankKind = (UInt128)2 << KindShift;

    /// <summary>The ledger account of a customer's account.</summary>
    public static UInt128 Of(AccountNumber number) => CustomerKind | number.Value;

    /// <summary>An account of the bank itself.</summary>
    /// <param name="sub">Which one, where there are several: serial number of a till, a machine, a biller.</param>
    public static UInt128 Of(GlCode code, uint currency, uint sub = 0) =>
        BankKind | ((UInt128)(ushort)code << 64) | ((UInt128)currency << 32) | sub;

    /// <summary>The number of a customer's account, when it is one.</summary>
    public static AccountNumber? NumberOf(UInt128 ledgerId) =>
        ledgerId >> KindShift == 1
        && AccountNumber.TryParse(
            ((ulong)(ledgerId & ulong.MaxValue)).ToString(
                "D14",
                System.Globalization.CultureInfo.InvariantCulture
            ),
            out var number
        )
            ? number
            : null;

    /// <summary>A leg of an instruction.</summary>
    public static UInt128 Transfer(InstructionId instruction, string leg) =>
        instruction.Derive($"leg:{leg}").Value;
}
