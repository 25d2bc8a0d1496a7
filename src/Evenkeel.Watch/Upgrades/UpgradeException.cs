namespace Evenkeel.Watch.Upgrades;

/// <summary>An upgrade step can't begin or go on; the message says why and what to do.</summary>
public sealed class UpgradeException(string message) : Exception(message);
