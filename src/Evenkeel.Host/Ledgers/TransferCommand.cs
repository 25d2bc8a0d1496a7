using System.CommandLine;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Money;
using Evenkeel.Import;
using Evenkeel.Model;

namespace Evenkeel.Host.Ledgers;

/// <summary><c>evenkeel transfer</c>: one transfer, repeatable by its id.</summary>
internal static class TransferCommand
{
    private const int CodeDefault = 1;

    public static Command Create(IBankDoor door)
    {
        Option<string> from = new("--from") { Description = Text.FromOption, Required = true };
        Option<string> to = new("--to") { Description = Text.ToOption, Required = true };
        Option<string> amount = new("--amount")
        {
            Description = Text.AmountOption,
            Required = true,
        };
        Option<string?> id = new("--id") { Description = Text.IdOption };
        Option<int> code = new("--code")
        {
            Description = Text.CodeOption,
            DefaultValueFactory = static _ => CodeDefault,
        };
        code.Validators.Add(Bounds.Between(code, 1, ushort.MaxValue));
        Option<string?> reference = new("--reference") { Description = Text.ReferenceOption };
        Option<DateOnly?> valueDate = new("--value-date") { Description = Text.ValueDateOption };
        var command = new Command("transfer", Text.TransferDescription)
        {
            from,
            to,
            amount,
            id,
            code,
            reference,
            valueDate,
        }.WithBankOptions();
        command.Does(
            async (parsed, terminal, token) =>
            {
                Transfer transfer = new()
                {
                    Id = parsed.GetValue(id) is { } given ? Arguments.Number(given) : NewId(),
                    DebitAccountId = Arguments.Account(parsed.GetRequiredValue(from)),
                    CreditAccountId = Arguments.Account(parsed.GetRequiredValue(to)),
                    UserData128 = parsed.GetValue(reference) is { } text
                        ? Arguments.Number(text)
                        : 0,
                    UserData32 = parsed.GetValue(valueDate) is { } date
                        ? ValueDates.ToNumber(date)
                        : 0,
                    Code = (ushort)parsed.GetValue(code),
                };
                await using var bank = await door.OpenAsync(parsed, terminal, token)
                    .ConfigureAwait(false);
                await SetLedgerAndAmountAsync(bank, parsed.GetRequiredValue(amount))
                    .ConfigureAwait(false);
                // The id goes out before the money, so that whoever loses the answer can ask again.
                terminal.Line(Text.TransferId(Show.Id(transfer.Id)));
                var results = await bank.CreateTransfersAsync(new[] { transfer }, token)
                    .OrFailAsync(Text.AskAgain(Show.Id(transfer.Id)))
                    .ConfigureAwait(false);
                return Print(terminal, transfer, results[0]);

                async Task SetLedgerAndAmountAsync(IBank from, string written)
                {
                    var debit = await AccountCommand
                        .FindAsync(from, transfer.DebitAccountId, token)
                        .ConfigureAwait(false);
                    var credit = await AccountCommand
                        .FindAsync(from, transfer.CreditAccountId, token)
                        .ConfigureAwait(false);
                    if (debit.Ledger != credit.Ledger)
                    {
                        throw new CommandFailedException(
                            ExitCode.NotDone,
                            Text.AccountsOfDifferentLedgers(
                                Show.Ledger(debit.Ledger),
                                Show.Ledger(credit.Ledger)
                            )
                        );
                    }
                    transfer.Ledger = debit.Ledger;
                    transfer.Amount = Amount(written, debit.Ledger);
                }
            }
        );
        return command;
    }

    private static UInt128 Amount(string text, uint ledger)
    {
        var decimals = Currencies.OfLedger(ledger).Decimals;
        return MinorUnits.TryParse(text, decimals, out var minorUnits) && minorUnits > 0
            ? (UInt128)minorUnits
            : throw new CommandFailedException(
                ExitCode.Usage,
                Text.AmountNotUnderstood(text, decimals)
            );
    }

    private static int Print(Terminal terminal, Transfer transfer, CreateTransferResult result)
    {
        var amount = Show.AmountWithCurrency((Int128)transfer.Amount, transfer.Ledger);
        var (from, to) = (
            Show.Account(transfer.DebitAccountId),
            Show.Account(transfer.CreditAccountId)
        );
        var isDone = result.Status is CreateTransferStatus.Created or CreateTransferStatus.Exists;
        if (result.Status == CreateTransferStatus.Created)
        {
            terminal.Line(Text.TransferDone(amount, from, to));
        }
        else if (isDone)
        {
            terminal.Line(Text.TransferWasDone(amount, from, to));
        }
        else
        {
            terminal.Complain(Text.TransferRefused(Reason(result.Status)));
        }
        terminal.Object(
            new TransferOutput(
                Show.Id(transfer.Id),
                result.Status.ToString(),
                isDone,
                result.Timestamp
            ),
            HostJson.Default.TransferOutput
        );
        return isDone ? ExitCode.Ok : ExitCode.NotDone;
    }

    private static string Reason(CreateTransferStatus status) =>
        status switch
        {
            CreateTransferStatus.ExceedsCredits => Text.ReasonExceedsCredits,
            CreateTransferStatus.ExceedsDebits => Text.ReasonExceedsDebits,
            CreateTransferStatus.DebitAccountAlreadyClosed => Text.ReasonDebitClosed,
            CreateTransferStatus.CreditAccountAlreadyClosed => Text.ReasonCreditClosed,
            CreateTransferStatus.IdAlreadyFailed => Text.ReasonIdFailed,
            CreateTransferStatus.AccountsMustBeDifferent => Text.ReasonSameAccount,
            _ when status.ToString().StartsWith("ExistsWith", StringComparison.Ordinal) =>
                $"{Text.ReasonIdUsed} ({status})",
            _ => status.ToString(),
        };

    /// <summary>Time above, chance below: new ids rise, and nobody guesses them.</summary>
    private static UInt128 NewId()
    {
        Span<byte> random = stackalloc byte[sizeof(ulong) + sizeof(ushort)];
        RandomNumberGenerator.Fill(random);
        var milliseconds = (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        return new UInt128(
            (milliseconds << 16) | MemoryMarshal.Read<ushort>(random[sizeof(ulong)..]),
            MemoryMarshal.Read<ulong>(random)
        );
    }
}

/// <param name="Status">The ledger's status by its published name.</param>
/// <param name="Timestamp">Log time, nanoseconds since the Unix epoch.</param>
internal sealed record TransferOutput(string Id, string Status, bool Done, ulong Timestamp);
