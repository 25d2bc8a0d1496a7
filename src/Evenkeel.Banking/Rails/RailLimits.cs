namespace Evenkeel.Banking.Rails;

/// <summary>Limits of dealing with the clearing, each with its unit.</summary>
public static class RailLimits
{
    /// <summary>Minutes by which a credit to another bank should have its answer.</summary>
    public const int AnswerMinutesMax = 60;

    /// <summary>Seconds after which the state is asked for when no answer came: the first time.</summary>
    public const int AskSecondsFirst = 5;

    /// <summary>Seconds between two questions, at most.</summary>
    public const int AskSecondsMax = 300;

    /// <summary>Seconds before a position that does not tie out is looked at again.</summary>
    public const int BreakSeconds = 60;

    /// <summary>Messages taken from the inbox at a time.</summary>
    public const int InboxMax = 100;

    /// <summary>Minutes between two readings of the list of other banks.</summary>
    public const int ParticipantsMinutes = 10;
}
