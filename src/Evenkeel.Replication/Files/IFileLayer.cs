namespace Evenkeel.Replication;

/// <summary>
/// The few things this project asks of a disk for its own files (archive, snapshots, lineage), so
/// that tests can make any of them fail, tear or vanish.
/// </summary>
internal interface IFileLayer
{
    /// <summary>Creates or opens a file for writing whole blocks of <see cref="BlockSize"/>.</summary>
    IBlockFile OpenForWriting(string path, bool create);

    /// <summary>Makes the directory's entries durable (created, renamed and removed names).</summary>
    void FlushDirectory(string path);

    void MoveDirectory(string source, string destination);

    /// <summary>Bytes that an ordinary user may still write on the volume that holds the path.</summary>
    long FreeBytes(string path);

    /// <summary>Unit of every write, in bytes; buffers and offsets are multiples of it.</summary>
    const int BlockSize = 4096;
}

/// <summary>A file that is written in whole blocks.</summary>
internal interface IBlockFile : IDisposable
{
    /// <summary>Writes at a multiple of the block size; source address and length likewise.</summary>
    void Write(ReadOnlySpan<byte> blocks, long offset);

    void SetLength(long length);

    /// <summary>Returns when data and length are durable.</summary>
    void Flush();
}
