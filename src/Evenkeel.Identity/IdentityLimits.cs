namespace Evenkeel.Identity;

/// <summary>Limits of signing in, each with its unit.</summary>
public static class IdentityLimits
{
    /// <summary>Wrong tries of one login from one device or network before it must wait.</summary>
    public const int TriesMax = 5;

    /// <summary>Minutes of the first wait; each further wrong try doubles it.</summary>
    public const int WaitMinutesFirst = 1;

    /// <summary>Minutes of the longest wait.</summary>
    public const int WaitMinutesMax = 60;

    /// <summary>Hours after which wrong tries are forgotten.</summary>
    public const int ForgottenAfterHours = 24;

    /// <summary>
    /// Wrong tries of one login from all unknown devices in a day; from then on an unknown device
    /// needs its code together with the password. Known devices don't notice.
    /// </summary>
    public const int StrangersTriesMax = 100;

    /// <summary>Devices that a login knows; the one unused for longest goes.</summary>
    public const int DevicesMax = 10;

    /// <summary>Secrets verified at once: it costs a processor, and that decides payments too.</summary>
    public const int VerifiedAtOnceMax = 2;

    /// <summary>Sign-ins that wait for a place; further ones are told to come later.</summary>
    public const int WaitingMax = 128;

    /// <summary>Characters of a login.</summary>
    public const int LoginCharsMax = 64;

    /// <summary>Characters of a secret.</summary>
    public const int SecretCharsMax = 256;

    /// <summary>Characters of a password, at least.</summary>
    public const int PasswordCharsMin = 10;

    /// <summary>Minutes for which a code that was used is refused.</summary>
    public const int CodeUsedMinutes = 5;

    /// <summary>Passkeys of a login.</summary>
    public const int PasskeysMax = 10;

    /// <summary>Characters of a passkey's name.</summary>
    public const int PasskeyNameCharsMax = 40;

    /// <summary>Characters of what a browser brings back, and of the sealed state with it.</summary>
    public const int PasskeyCharsMax = 16_384;

    /// <summary>Minutes for which a challenge may be answered.</summary>
    public const int ChallengeMinutes = 5;

    /// <summary>
    /// Challenges that one login may answer in that time; all of them are remembered, so that none is
    /// answered twice. Only the owner's passkeys can use them up.
    /// </summary>
    public const int ChallengesUsedMax = 32;

    /// <summary>Tries to write a login that somebody else changed at the same time.</summary>
    public const int WriteTriesMax = 4;
}
