using System.Globalization;
using System.Text;
using Evenkeel.Model;
using Evenkeel.Payments;
using Sylvan.Data.Csv;
using static Evenkeel.Payments.BulkFault;

namespace Evenkeel.Banking.Bulk;

/// <summary>
/// Reads a file of comma-separated values (docs/formats/bulk-csv.md): a header with count and sum, then
/// a line for each payment. Nothing of it is believed before all of it was read.
/// </summary>
internal static class BulkCsv
{
    private const int HeaderFields = 9;
    private const int LineFields = 7;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    public static BulkReading Read(ReadOnlySpan<byte> content)
    {
        if (content.Length > BulkLimits.FileBytesMax)
        {
            return new BulkReading.Bad(TooLarge, 0);
        }
        string text;
        try
        {
            text = StrictUtf8.GetString(content);
        }
        catch (DecoderFallbackException)
        {
            return new BulkReading.Bad(NotText, 0);
        }
        using StringReader source = new(text);
        try
        {
            using var reader = CsvDataReader.Create(
                source,
                new CsvDataReaderOptions { HasHeaders = false, Delimiter = ',' }
            );
            return Read(reader);
        }
        catch (CsvFormatException broken)
        {
            return new BulkReading.Bad(LineMalformed, broken.RowNumber);
        }
    }

    private static BulkReading Read(CsvDataReader reader)
    {
        if (!reader.Read())
        {
            return new BulkReading.Bad(HeaderMissing, 1);
        }
        if (Header(Fields(reader)) is not { } header)
        {
            return new BulkReading.Bad(HeaderMalformed, 1);
        }
        List<BulkLine> lines = new(Math.Min(header.Count, BulkLimits.LinesMax));
        HashSet<string> names = new(StringComparer.Ordinal);
        var number = 1;
        var sum = 0L;
        while (reader.Read())
        {
            number++;
            var (line, fault) = Line(number, Fields(reader), header.File.Sum.Currency);
            fault =
                fault != None ? fault
                : !names.Add(line!.EndToEndId) ? EndToEndIdTwice
                : lines.Count == header.Count ? CountDiffers
                : None;
            if (fault != None)
            {
                return new BulkReading.Bad(fault, number);
            }
            sum += line!.AmountMinor;
            lines.Add(line);
        }
        return lines.Count != header.Count ? new BulkReading.Bad(CountDiffers, number)
            : sum != header.File.Sum.Minor ? new BulkReading.Bad(SumDiffers, 1)
            : new BulkReading.Good(header.File with { Lines = lines });
    }

    /// <summary>H,1,reference,payer,date,currency,count,sum,purpose.</summary>
    private static (BulkFile File, int Count)? Header(string[] fields) =>
        fields
            is [
                "H",
                "1",
                var reference,
                var payer,
                var date,
                var letters,
                var count,
                var sum,
                var purpose,
            ]
        && fields.Length == HeaderFields
        && IsText(reference, PaymentLimits.ReferenceCharsMax)
        && AccountNumber.TryParse(payer, out var account)
        && DateOnly.TryParseExact(
            date,
            "yyyy-MM-dd",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out var day
        )
        && letters.Length == 3
        && Currencies.TryParseLedger(letters, out var currency)
        && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var lines)
        && lines is > 0 and <= BulkLimits.LinesMax
        && Amount(sum, currency) is { } total
        && IsText(purpose, PaymentLimits.ReferenceCharsMax)
            ? (
                new BulkFile(reference, account, day, new Money(total, currency), purpose, []),
                lines
            )
            : null;

    /// <summary>P,end-to-end id,bank or nothing,account,name,amount,text or nothing.</summary>
    private static (BulkLine? Line, BulkFault Fault) Line(
        int number,
        string[] fields,
        uint currency
    )
    {
        if (
            fields is not ["P", var endToEnd, var bank, var account, var name, var amount, var text]
            || fields.Length != LineFields
            || (text.Length > 0 && !IsText(text, PaymentLimits.RemittanceCharsMax))
            || !IsText(name, PaymentLimits.NameCharsMax)
        )
        {
            return (null, LineMalformed);
        }
        if (!IsText(endToEnd, PaymentLimits.ReferenceCharsMax))
        {
            return (null, EndToEndIdInvalid);
        }
        if (Amount(amount, currency) is not { } minor)
        {
            return (null, AmountInvalid);
        }
        Creditor? creditor =
            bank.Length == 0
                ? AccountNumber.TryParse(account, out var here)
                    ? new Creditor.Here(here, name)
                    : null
                : IsText(bank, PaymentLimits.ReferenceCharsMax)
                && IsText(account, PaymentLimits.OutsideAccountCharsMax)
                    ? new Creditor.Elsewhere(new BankCode(bank), account, name)
                    : null;
        return creditor is null
            ? (null, AccountInvalid)
            : (
                new BulkLine(number, endToEnd, creditor, minor, text.Length == 0 ? null : text),
                None
            );
    }

    private static string[] Fields(CsvDataReader reader)
    {
        var fields = new string[reader.RowFieldCount];
        for (var i = 0; i < fields.Length; i++)
        {
            fields[i] = reader.GetString(i);
        }
        return fields;
    }

    /// <summary>Major units with a point, all digits; minor units above zero.</summary>
    private static long? Amount(string text, uint currency) =>
        decimal.TryParse(
            text,
            NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture,
            out var major
        )
        && Money.FromDecimal(major, currency)
            is { Minor: > 0 and <= PaymentLimits.AmountMinorMax } money
            ? money.Minor
            : null;

    private static bool IsText(string text, int charsMax) =>
        text.Length > 0 && text.Length <= charsMax && !text.Any(char.IsControl);
}
