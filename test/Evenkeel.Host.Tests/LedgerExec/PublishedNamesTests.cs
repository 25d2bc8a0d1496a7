using Evenkeel.Host.LedgerExec;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Host.Tests.LedgerExec;

public sealed class PublishedNamesTests
{
    [Theory]
    [InlineData(
        CreateTransferStatus.ExistsWithDifferentUserData128,
        "exists_with_different_user_data_128"
    )]
    [InlineData(CreateTransferStatus.IdMustNotBeIntMax, "id_must_not_be_int_max")]
    [InlineData(
        CreateTransferStatus.ImportedEventTimestampMustPostdateDebitAccount,
        "imported_event_timestamp_must_postdate_debit_account"
    )]
    [InlineData(CreateTransferStatus.Created, "created")]
    public void Statuses_have_their_published_names(CreateTransferStatus status, string name) =>
        Assert.Equal(name, PublishedNames.Of(status));

    [Fact]
    public void Flags_have_their_published_names()
    {
        Assert.Equal(
            "linked, debits_must_not_exceed_credits, credits_must_not_exceed_debits, history, imported, closed",
            PublishedNames.AccountFlags.ToString()
        );
        Assert.Equal(
            "linked, pending, post_pending_transfer, void_pending_transfer, balancing_debit, balancing_credit, closing_debit, closing_credit, imported, forced",
            PublishedNames.TransferFlags.ToString()
        );
    }
}
