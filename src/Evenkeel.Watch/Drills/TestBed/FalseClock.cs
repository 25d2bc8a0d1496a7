using System.Diagnostics;

namespace Evenkeel.Watch.Drills.TestBed;

/// <summary>
/// The wall clock of one process, moved at any moment; time that only runs is left alone, as on a
/// machine whose clock is set. A small library in front of the C library does it, compiled when it
/// is needed: libfaketime locks at each call, which slows a node until it loses its place.
/// </summary>
public sealed class FalseClock
{
    private const string Compiler = "/usr/bin/cc";
    private const string Variable = "EVENKEEL_TEST_CLOCK";
    private const long NanosecondsPerTick = 100;

    private const string Source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <fcntl.h>
        #include <stdint.h>
        #include <stdlib.h>
        #include <sys/mman.h>
        #include <time.h>

        static volatile int64_t *offset_ns;
        static int (*real)(clockid_t, struct timespec *);

        __attribute__((constructor)) static void begin(void) {
          real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
          const char *path = getenv("EVENKEEL_TEST_CLOCK");
          int file = path ? open(path, O_RDONLY) : -1;
          if (file < 0) return;
          void *page = mmap(0, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
          if (page != MAP_FAILED) offset_ns = page;
        }

        int clock_gettime(clockid_t clock, struct timespec *now) {
          if (!real) begin();
          int result = real(clock, now);
          if (result || !offset_ns) return result;
          if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) return result;
          int64_t ns = now->tv_nsec + *offset_ns % 1000000000;
          now->tv_sec += *offset_ns / 1000000000;
          if (ns < 0) { ns += 1000000000; now->tv_sec--; }
          if (ns >= 1000000000) { ns -= 1000000000; now->tv_sec++; }
          now->tv_nsec = ns;
          return result;
        }

        """;

    private readonly string _file;

    /// <param name="file">Holds how far the clock is off; 8 bytes, nanoseconds.</param>
    public FalseClock(string file)
    {
        _file = file;
        File.WriteAllBytes(file, new byte[sizeof(long)]);
    }

    /// <summary>False where there is no C compiler: such tests are skipped.</summary>
    public static bool IsPossible => File.Exists(Compiler);

    /// <summary>Gives the node's next process this clock.</summary>
    public void GiveTo(TestNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        node.Environment["LD_PRELOAD"] = Compile(Path.GetDirectoryName(Path.GetFullPath(_file))!);
        node.Environment[Variable] = _file;
    }

    /// <summary>In place: the process has the file mapped.</summary>
    public void SetOffset(TimeSpan offset)
    {
        using FileStream stream = new(_file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        stream.Write(BitConverter.GetBytes(offset.Ticks * NanosecondsPerTick));
    }

    private static string Compile(string directory)
    {
        string library = Path.Combine(directory, "false-clock.so");
        if (File.Exists(library))
        {
            return library;
        }
        string source = Path.Combine(directory, "false-clock.c");
        File.WriteAllText(source, Source);
        using Process compiler = Process.Start(
            new ProcessStartInfo(
                Compiler,
                ["-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"]
            )
        )!;
        compiler.WaitForExit();
        return compiler.ExitCode == 0
            ? library
            : throw new InvalidOperationException("The false clock can't be compiled.");
    }
}
