using System.Globalization;
using System.Text;

namespace Evenkeel.Journal;

/// <summary>The records that the rules of applying themselves read: collection "system".</summary>
public static class SystemRecords
{
    public const string Collection = "system";

    /// <summary>The business date: a JSON string, "2026-11-23".</summary>
    public static readonly RecordKey BusinessDate = new(Collection, "business-date");

    /// <summary>
    /// While this record exists, writes to <paramref name="collection"/> need two members of staff.
    /// </summary>
    public static RecordKey TwoPeople(string collection) =>
        new(Collection, $"two-people/{collection}");

    /// <summary>Sets the first business date of a new bank.</summary>
    public static Operation OpenBusinessDate(OperationId id, DateOnly date, Principal by) =>
        new()
        {
            Id = id,
            Principals = [by],
            Guards = [new Guard.Absent(BusinessDate)],
            Writes = [new RecordWrite(BusinessDate, EncodeDate(date))],
        };

    /// <summary>Rolls the business date, exactly once, from one day to a later one.</summary>
    /// <exception cref="ArgumentException">The new date is not later.</exception>
    public static Operation RollBusinessDate(
        OperationId id,
        DateOnly from,
        DateOnly to,
        Principal by
    )
    {
        if (to <= from)
        {
            throw new ArgumentException("A business date only moves forward.", nameof(to));
        }

        return new()
        {
            Id = id,
            Principals = [by],
            Guards = [new Guard.BusinessDate(from)],
            Writes = [new RecordWrite(BusinessDate, EncodeDate(to))],
        };
    }

    public static ReadOnlyMemory<byte> EncodeDate(DateOnly date) =>
        Encoding.UTF8.GetBytes($"\"{date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}\"");

    /// <summary>Null when the document is not a date.</summary>
    public static DateOnly? DecodeDate(ReadOnlySpan<byte> json) =>
        json.Length == 12
        && json[0] == '"'
        && json[11] == '"'
        && DateOnly.TryParseExact(
            Encoding.ASCII.GetString(json[1..11]),
            "yyyy-MM-dd",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out var date
        )
            ? date
            : null;
}
