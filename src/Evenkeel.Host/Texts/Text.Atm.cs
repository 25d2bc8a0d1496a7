namespace Evenkeel.Host.Texts;

/// <summary>Texts of the ISO 8583 line and of the simulated cash machine.</summary>
internal static partial class Text
{
    public static string IsoDescription => Get();

    public static string IsoPortOption => Get();

    public static string IsoLineOption => Get();

    public static string IsoScopeOption => Get();

    public static string IsoOpen(object address, object line) =>
        Format(nameof(IsoOpen), address, line);

    public static string IsoNoCardKeys(object path) => Format(nameof(IsoNoCardKeys), path);

    public static string BenchIsoDescription => Get();

    public static string DemoCard(object number, object expiry, object pin) =>
        Format(nameof(DemoCard), number, expiry, pin);

    public static string AtmDescription => Get();

    public static string AtmRunDescription => Get();

    public static string AtmWithdrawDescription => Get();

    public static string AtmBalanceDescription => Get();

    public static string AtmKeysDescription => Get();

    public static string AtmHostOption => Get();

    public static string AtmTrustOption => Get();

    public static string IsoListenInsecure(object address) =>
        Format(nameof(IsoListenInsecure), address);

    public static string AtmDataOption => Get();

    public static string AtmProfileOption => Get();

    public static string AtmCardKeysOption => Get();

    public static string AtmTerminalOption => Get();

    public static string AtmCurrencyOption => Get();

    public static string AtmFloorOption => Get();

    public static string AtmSeedOption => Get();

    public static string AtmJamsOption => Get();

    public static string AtmShortagesOption => Get();

    public static string AtmCassetteOption => Get();

    public static string AtmCardOption => Get();

    public static string AtmExpiryOption => Get();

    public static string AtmPinFileOption => Get();

    public static string AtmAmountOption => Get();

    public static string AtmStripeOption => Get();

    public static string AtmAskPin => Get();

    public static string AtmPinMissing => Get();

    public static string AtmCardBad => Get();

    public static string AtmAmountBad(object amount) => Format(nameof(AtmAmountBad), amount);

    public static string AtmHostBad(object host) => Format(nameof(AtmHostBad), host);

    public static string AtmHostMissing => Get();

    public static string AtmCassetteBad(object cassette) =>
        Format(nameof(AtmCassetteBad), cassette);

    public static string AtmNoKeys(object path) => Format(nameof(AtmNoKeys), path);

    public static string AtmKeysLoaded(object terminal, object pin, object mac) =>
        Format(nameof(AtmKeysLoaded), terminal, pin, mac);

    public static string AtmOpen(object terminal, object holds, object stored) =>
        Format(nameof(AtmOpen), terminal, holds, stored);

    public static string AtmPaid(object amount) => Format(nameof(AtmPaid), amount);

    public static string AtmPaidInPart(object given, object asked) =>
        Format(nameof(AtmPaidInPart), given, asked);

    public static string AtmPaidOffline => Get();

    public static string AtmJammed => Get();

    public static string AtmRefused(object code) => Format(nameof(AtmRefused), code);

    public static string AtmBankSilent => Get();

    public static string AtmNoNotes => Get();

    public static string AtmLineDown => Get();

    public static string AtmBadPin => Get();

    public static string AtmShowsBalance(object booked, object available) =>
        Format(nameof(AtmShowsBalance), booked, available);

    public static string AtmReference(object rrn, object lastFour) =>
        Format(nameof(AtmReference), rrn, lastFour);

    public static string AtmCardReturned => Get();
}
