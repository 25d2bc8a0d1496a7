using System.Globalization;
using System.Resources;
using System.Runtime.CompilerServices;

namespace Evenkeel.Host.Texts;

/// <summary>
/// Every text that a person reads, in the language of <see cref="CultureInfo.CurrentUICulture"/>.
/// A member's name is the name of its text in the three <c>Text*.resx</c> files; a test compares them.
/// </summary>
internal static partial class Text
{
    private static readonly ResourceManager Resources = new(
        "Evenkeel.Host.Texts.Text",
        typeof(Text).Assembly
    );

    public static string RootDescription => Get();

    public static string LangOption => Get();

    public static string DataOption => Get();

    public static string DataRunOption => Get();

    public static string ServerOption => Get();

    public static string KeyOption => Get();

    public static string RestOption => Get();

    public static string JsonOption => Get();

    public static string RunDescription => Get();

    public static string NodeDescription => Get();

    public static string BenchDescription => Get();

    public static string BenchAccountsOption => Get();

    public static string BenchBatchOption => Get();

    public static string BenchHotOption => Get();

    public static string BenchClientsOption => Get();

    public static string BenchSecondsOption => Get();

    public static string BenchZipfOption => Get();

    public static string BenchFolderOption => Get();

    public static string BenchNodesOption => Get();

    public static string BenchClusterDescription => Get();

    public static string BenchPeersDescription => Get();

    public static string BenchRestartDescription => Get();

    public static string BenchHistoryDescription => Get();

    public static string BenchMemoryDescription => Get();

    public static string BenchTransfersOption => Get();

    public static string BenchReadsOption => Get();

    public static string BenchNoPostgres => Get();

    public static string BenchColumnLoad => Get();

    public static string BenchColumnAccounts => Get();

    public static string BenchColumnClients => Get();

    public static string BenchColumnBatch => Get();

    public static string BenchColumnRate => Get();

    public static string BenchColumnRow => Get();

    public static string BenchColumnGoal => Get();

    public static string BenchColumnMeasured => Get();

    public static string BenchColumnMet => Get();

    public static string Yes => Get();

    public static string No => Get();

    public static string BenchNodeEnded(object value) => Format(nameof(BenchNodeEnded), value);

    public static string BenchNodeSilent(object value) => Format(nameof(BenchNodeSilent), value);

    public static string ListenOption => Get();

    public static string InsecureOption => Get();

    public static string PortOption => Get();

    public static string RestPortOption => Get();

    public static string ConfigOption => Get();

    public static string CertificateOption => Get();

    public static string CertificateKeyOption => Get();

    public static string ImportDescription => Get();

    public static string ImportBerkaDescription => Get();

    public static string ImportAmlsimDescription => Get();

    public static string ImportFolderArgument => Get();

    public static string BatchOption => Get();

    public static string AllowOverdraftOption => Get();

    public static string AccountDescription => Get();

    public static string AccountArgument => Get();

    public static string StatementDescription => Get();

    public static string LimitOption => Get();

    public static string TransferDescription => Get();

    public static string FromOption => Get();

    public static string ToOption => Get();

    public static string AmountOption => Get();

    public static string IdOption => Get();

    public static string CodeOption => Get();

    public static string ReferenceOption => Get();

    public static string ValueDateOption => Get();

    public static string TrialBalanceDescription => Get();

    public static string LedgerOption => Get();

    public static string KeysDescription => Get();

    public static string KeysCreateDescription => Get();

    public static string KeysListDescription => Get();

    public static string KeysRevokeDescription => Get();

    public static string KeyNameOption => Get();

    public static string KeyScopeOption(object scopes) => Format(nameof(KeyScopeOption), scopes);

    public static string KeyNumberArgument => Get();

    public static string HealthDescription => Get();

    public static string VerifyDescription => Get();

    public static string VerifyLogDescription => Get();

    public static string VerifyFolderArgument => Get();

    public static string ClockDescription => Get();

    public static string ClockConfirmDescription => Get();

    public static string LedgerDescription => Get();

    public static string StageReading => Get();

    public static string StageRecords => Get();

    public static string StageOpenings => Get();

    public static string StageMovements => Get();

    public static string StageReport => Get();

    public static string ProgressLine(object stage, object done, object total) =>
        Format(nameof(ProgressLine), stage, done, total);

    public static string BerkaReportTitle => Get();

    public static string BerkaReportSummary(object accounts, object movements, object days) =>
        Format(nameof(BerkaReportSummary), accounts, movements, days);

    public static string ColumnMethod => Get();

    public static string ColumnExact => Get();

    public static string ColumnWithinRounding => Get();

    public static string ColumnBreaks => Get();

    public static string MethodDaily => Get();

    public static string MethodRunning => Get();

    public static string BerkaBreaksOn(object date, object count) =>
        Format(nameof(BerkaBreaksOn), date, count);

    public static string BerkaIncomplete(object days, object accounts) =>
        Format(nameof(BerkaIncomplete), days, accounts);

    public static string AmlsimReportTitle => Get();

    public static string AmlsimAccounts => Get();

    public static string AmlsimTransfers => Get();

    public static string AmlsimBooked => Get();

    public static string AmlsimRefused => Get();

    public static string AmlsimSumBefore => Get();

    public static string AmlsimSumAfter => Get();

    public static string AmlsimBelowZero => Get();

    public static string AmlsimLowest => Get();

    public static string AmlsimHighest => Get();

    public static string AmlsimNotConserved => Get();

    public static string ImportAgainHint => Get();

    public static string ImportFileMissing(object file, object path) =>
        Format(nameof(ImportFileMissing), file, path);

    public static string ImportFileFormat(object file, object expected) =>
        Format(nameof(ImportFileFormat), file, expected);

    public static string ImportRow(object file, object line, object detail) =>
        Format(nameof(ImportRow), file, line, detail);

    public static string ImportOtherContent(object subject) =>
        Format(nameof(ImportOtherContent), subject);

    public static string ImportRefused(object subject, object detail) =>
        Format(nameof(ImportRefused), subject, detail);

    public static string ImportUnknown(object subject, object detail) =>
        Format(nameof(ImportUnknown), subject, detail);

    public static string AccountNotUnderstood(object text) =>
        Format(nameof(AccountNotUnderstood), text);

    public static string NumberNotUnderstood(object text) =>
        Format(nameof(NumberNotUnderstood), text);

    public static string AmountNotUnderstood(object text, object decimals) =>
        Format(nameof(AmountNotUnderstood), text, decimals);

    public static string LedgerNotUnderstood(object text) =>
        Format(nameof(LedgerNotUnderstood), text);

    public static string AccountNotFound(object account) =>
        Format(nameof(AccountNotFound), account);

    public static string AccountsOfDifferentLedgers(object from, object to) =>
        Format(nameof(AccountsOfDifferentLedgers), from, to);

    public static string NotDone(object reason, object detail) =>
        Format(nameof(NotDone), reason, detail);

    public static string UnknownOutcome(object detail) => Format(nameof(UnknownOutcome), detail);

    public static string AskAgain(object id) => Format(nameof(AskAgain), id);

    public static string HintUnauthenticated => Get();

    public static string HintForbidden => Get();

    public static string HintRetry => Get();

    public static string HintDiskFull => Get();

    public static string HintBudget => Get();

    public static string TransferDone(object amount, object from, object to) =>
        Format(nameof(TransferDone), amount, from, to);

    public static string TransferWasDone(object amount, object from, object to) =>
        Format(nameof(TransferWasDone), amount, from, to);

    public static string TransferId(object id) => Format(nameof(TransferId), id);

    public static string TransferRefused(object status) => Format(nameof(TransferRefused), status);

    public static string ReasonExceedsCredits => Get();

    public static string ReasonExceedsDebits => Get();

    public static string ReasonDebitClosed => Get();

    public static string ReasonCreditClosed => Get();

    public static string ReasonIdFailed => Get();

    public static string ReasonIdUsed => Get();

    public static string ReasonSameAccount => Get();

    public static string ColumnAccount => Get();

    public static string ColumnLedger => Get();

    public static string ColumnCode => Get();

    public static string ColumnFlags => Get();

    public static string ColumnBooked => Get();

    public static string ColumnValueDate => Get();

    public static string ColumnKind => Get();

    public static string ColumnOther => Get();

    public static string ColumnAmount => Get();

    public static string ColumnBalance => Get();

    public static string ColumnDebits => Get();

    public static string ColumnCredits => Get();

    public static string ColumnDebitsHeld => Get();

    public static string ColumnCreditsHeld => Get();

    public static string ColumnAccounts => Get();

    public static string ColumnTransferId => Get();

    public static string ColumnNumber => Get();

    public static string ColumnName => Get();

    public static string ColumnScopes => Get();

    public static string ColumnCreated => Get();

    public static string ColumnRevoked => Get();

    public static string ColumnTotal => Get();

    public static string RowBookedBalance => Get();

    public static string RowAvailable => Get();

    public static string RowAllowance => Get();

    public static string RowOpened => Get();

    public static string RowId => Get();

    public static string StatementTitle(object account, object ledger) =>
        Format(nameof(StatementTitle), account, ledger);

    public static string StatementMore(object shown) => Format(nameof(StatementMore), shown);

    public static string StatementEmpty => Get();

    public static string HoldAmount(object amount) => Format(nameof(HoldAmount), amount);

    public static string TrialBalanced(object ledger) => Format(nameof(TrialBalanced), ledger);

    public static string TrialUnbalanced(object ledger, object difference) =>
        Format(nameof(TrialUnbalanced), ledger, difference);

    public static string TrialEmpty => Get();

    public static string CannotConnect(object address, object detail) =>
        Format(nameof(CannotConnect), address, detail);

    public static string NoBankThere(object folder) => Format(nameof(NoBankThere), folder);

    public static string NoKey(object path) => Format(nameof(NoKey), path);

    public static string ServerNotUnderstood(object text) =>
        Format(nameof(ServerNotUnderstood), text);

    public static string DirectoryInUse(object folder) => Format(nameof(DirectoryInUse), folder);

    public static string StartFailed(object detail) => Format(nameof(StartFailed), detail);

    public static string PortInUse(object address) => Format(nameof(PortInUse), address);

    public static string ListenInsecure(object address) => Format(nameof(ListenInsecure), address);

    public static string ConfigNotUnderstood(object file, object detail) =>
        Format(nameof(ConfigNotUnderstood), file, detail);

    public static string RunOpen(object folder) => Format(nameof(RunOpen), folder);

    public static string RunBinary(object address) => Format(nameof(RunBinary), address);

    public static string RunRest(object address) => Format(nameof(RunRest), address);

    public static string RunReference(object address) => Format(nameof(RunReference), address);

    public static string RunFirstKey(object key) => Format(nameof(RunFirstKey), key);

    public static string RunKeyStored(object path) => Format(nameof(RunKeyStored), path);

    public static string RunTry => Get();

    public static string RunStopHint => Get();

    public static string RunStopping => Get();

    public static string RunStopped => Get();

    public static string StartedForCommand(object folder) =>
        Format(nameof(StartedForCommand), folder);

    public static string KeyMade(object number, object name) =>
        Format(nameof(KeyMade), number, name);

    public static string KeyRevoked(object number) => Format(nameof(KeyRevoked), number);

    public static string RestRefused(object status, object detail) =>
        Format(nameof(RestRefused), status, detail);

    public static string HealthOk => Get();

    public static string HealthBad => Get();

    public static string VerifySound(object files, object entries, object rows) =>
        Format(nameof(VerifySound), files, entries, rows);

    public static string VerifyUnsound(object count, object rows) =>
        Format(nameof(VerifyUnsound), count, rows);

    public static string VerifyCompared(object entry, object balances, object records) =>
        Format(nameof(VerifyCompared), entry, balances, records);

    public static string VerifySigned(object count, object entry) =>
        Format(nameof(VerifySigned), count, entry);

    public static string VerifyUnsigned => Get();

    public static string VerifyUnanchored => Get();

    public static string VerifyAhead(object rows) => Format(nameof(VerifyAhead), rows);

    public static string VerifyBehind(object rows) => Format(nameof(VerifyBehind), rows);

    public static string VerifyPublicKeyOption => Get();

    public static string VerifyCheckpointsOption => Get();

    public static string VerifyTorn(object bytes) => Format(nameof(VerifyTorn), bytes);

    public static string FolderMissing(object folder) => Format(nameof(FolderMissing), folder);

    public static string ErrorPrefix(object text) => Format(nameof(ErrorPrefix), text);

    public static string HelpOption => Get();

    public static string VersionOption => Get();

    public static string ExecDescription => Get();

    public static string ExecFileArgument => Get();

    public static string CannotRead(object file, object detail) =>
        Format(nameof(CannotRead), file, detail);

    public static string VerifyTruncated => Get();

    public static string VerifyMoved(object ledger, object amount) =>
        Format(nameof(VerifyMoved), ledger, amount);

    public static string NothingToVerify(object folder) => Format(nameof(NothingToVerify), folder);

    public static string TlsOption => Get();

    public static string OtlpOption => Get();

    public static string AccountsMaxOption => Get();

    public static string TransferIdsMaxOption => Get();

    public static string RescueKeyOption => Get();

    public static string RunRescueKey(object key) => Format(nameof(RunRescueKey), key);

    public static string RunRecovered(object note) => Format(nameof(RunRecovered), note);

    public static string KeysNotMade(object detail) => Format(nameof(KeysNotMade), detail);

    public static string SettingNotUnderstood(object name, object text) =>
        Format(nameof(SettingNotUnderstood), name, text);

    public static string NotServing(object folder) => Format(nameof(NotServing), folder);

    public static string ClockStepNone => Get();

    public static string ClockStepAccepted(object seconds) =>
        Format(nameof(ClockStepAccepted), seconds);

    public static string Interrupted => Get();

    /// <summary>The name of an imported movement's kind; null when it has none.</summary>
    public static string? MovementKind(ushort code) =>
        Resources.GetString($"Kind{code}", CultureInfo.CurrentUICulture);

    /// <summary>The name of an account code of imported banks; null when it has none.</summary>
    public static string? AccountCode(ushort code) =>
        Resources.GetString($"Chart{code}", CultureInfo.CurrentUICulture);

    private static string Get([CallerMemberName] string name = "") =>
        Resources.GetString(name, CultureInfo.CurrentUICulture) ?? name;

    private static string Format(string name, params object[] arguments) =>
        string.Format(CultureInfo.CurrentCulture, Get(name), arguments);
}
