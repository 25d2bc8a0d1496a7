using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Evenkeel.Replication.Tests")]
