namespace Evenkeel.Banking.Work;

/// <summary>
/// Something that must be gone on with, at the earliest when it is due: the bank's durable outbox.
/// Written in the operation that makes it necessary, deleted in the one that settles it.
/// </summary>
/// <param name="Kind">Which handler works it off: "rail", "bill", "bulk".</param>
/// <param name="Subject">What it is about: the id of an instruction or of a run.</param>
/// <param name="Open">Always "1": indexed, so that what was worked off need not be passed over.</param>
internal sealed record WorkDocument(string Kind, string Subject, string Open = "1");

/// <param name="Key">The instant at which it is due comes first: keys sort as they fall due.</param>
internal sealed record WorkItem(string Key, DateTimeOffset Due, string Kind, string Subject);
