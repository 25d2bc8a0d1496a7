using Evenkeel.Journal;

namespace Evenkeel.Records;

/// <summary>
/// Turns columns into rows and verifies each checksum: the only way from the file to a reader.
/// A damaged row is a <see cref="RecordDamageException"/>.
/// </summary>
internal static class RowReader
{
    public static RecordRow ReadRecord(in SqlRows reader, string file)
    {
        var key = ReadKey(reader, 0);
        try
        {
            var row = new RecordRow(
                key,
                Version: (ulong)reader.GetInt64(2),
                Json: reader.GetBlob(3),
                Created: (ulong)reader.GetInt64(4),
                Updated: (ulong)reader.GetInt64(5)
            );
            Verify(RowHash.Of(row), reader.GetBlob(6));
            return row;
        }
        catch (Exception exception) when (IsDamage(exception))
        {
            throw RecordDamageException.Of(file, "record", key);
        }
    }

    public static CounterRow ReadCounter(in SqlRows reader, string file)
    {
        var key = ReadKey(reader, 0);
        try
        {
            var row = new CounterRow(key, reader.GetInt64(2), (ulong)reader.GetInt64(3));
            Verify(RowHash.Of(row), reader.GetBlob(4));
            return row;
        }
        catch (Exception exception) when (IsDamage(exception))
        {
            throw RecordDamageException.Of(file, "counter", key);
        }
    }

    public static OperationRow ReadOperation(in SqlRows reader, string file)
    {
        var id = RowHash.FromBytes(reader.GetBlob(0));
        try
        {
            var row = new OperationRow(
                new OperationId(id ?? throw new InvalidDataException()),
                RowHash.FromBytes(reader.GetBlob(1)) ?? throw new InvalidDataException(),
                Entry: (ulong)reader.GetInt64(2),
                Ordinal: checked((int)reader.GetInt64(3)),
                OperationCodec.DecodeResult(reader.GetBlob(4)) ?? throw new InvalidDataException()
            );
            Verify(RowHash.Of(row), reader.GetBlob(5));
            return row;
        }
        catch (Exception exception) when (IsDamage(exception))
        {
            throw new RecordDamageException(file, "operation", $"{id}");
        }
    }

    public static ChangeRow ReadChange(in SqlRows reader, string file)
    {
        var sequence = reader.GetInt64(0);
        try
        {
            var row = new ChangeRow(
                (ulong)sequence,
                Entry: (ulong)reader.GetInt64(1),
                Timestamp: (ulong)reader.GetInt64(2),
                (ChangeKind)checked((byte)reader.GetInt64(3)),
                ReadKey(reader, 4),
                Version: (ulong)reader.GetInt64(6),
                Json: reader.GetBlob(7)
            );
            Verify(RowHash.Of(row), reader.GetBlob(8));
            return row;
        }
        catch (Exception exception) when (IsDamage(exception))
        {
            throw new RecordDamageException(file, "change", $"{sequence}");
        }
    }

    public static StoreState ReadState(in SqlRows reader, string file)
    {
        try
        {
            var state = new StoreState(
                AppliedIndex: (ulong)reader.GetInt64(0),
                Sequence: (ulong)reader.GetInt64(1),
                Records: ReadSum(reader, 2),
                Counters: ReadSum(reader, 4),
                Operations: ReadSum(reader, 6),
                Changes: ReadSum(reader, 8)
            );
            Verify(RowHash.Of(state), reader.GetBlob(10));
            return state;
        }
        catch (Exception exception) when (IsDamage(exception))
        {
            throw new RecordDamageException(file, "state", "1");
        }
    }

    private static TableSum ReadSum(in SqlRows reader, int column) =>
        new(
            (ulong)reader.GetInt64(column),
            RowHash.FromBytes(reader.GetBlob(column + 1)) ?? throw new InvalidDataException()
        );

    private static RecordKey ReadKey(in SqlRows reader, int column) =>
        new(reader.GetString(column), reader.GetString(column + 1));

    private static void Verify(UInt128 computed, byte[]? stored)
    {
        if (RowHash.FromBytes(stored) != computed)
        {
            throw new InvalidDataException();
        }
    }

    // A flipped bit may also change a column's type or sign, which surfaces as one of these.
    private static bool IsDamage(Exception exception) =>
        exception is InvalidDataException or OverflowException;
}
