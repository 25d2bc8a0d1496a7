using System.Text;
using Evenkeel.Gateway.Forwarding;
using Xunit;

namespace Evenkeel.Gateway.Tests;

public sealed class RequestScanTests
{
    [Fact]
    public void Ids_and_accounts_of_a_batch_are_seen()
    {
        RequestScan scan = Of(
            Service.CreateTransfers,
            """
            {"transfers":[
            {"id":"1","debit_account_id":"10","credit_account_id":"11","flags":["pending","linked"]},
            {"credit_account_id":"12","id":"340282366920938463463374607431768211455","flags":[]},
            {"id":"3","x":{"id":"99","debit_account_id":"98"}}]}
            """
        );
        Assert.True(scan.IsWhole);
        Assert.Equal(3, scan.Events);
        Assert.Equal([(UInt128)1, UInt128.MaxValue, (UInt128)3], scan.TransferIds);
        Assert.Equal([(UInt128)10, (UInt128)11, (UInt128)12], scan.AccountIds);
        Assert.True(scan.AllHaveIds);
        Assert.True(scan.HasLinked);
    }

    [Theory]
    [InlineData("""{"transfers":[{"id":"1"},{"amount":"2"}]}""")]
    [InlineData("""{"transfers":[{"id":1}]}""")]
    [InlineData("""{"transfers":[{"id":"one"}]}""")]
    [InlineData("""{"transfers":[]}""")]
    [InlineData("""{"other":[{"id":"1"}]}""")]
    [InlineData("""{"id":"1"}""")]
    public void A_batch_has_all_ids_only_when_each_event_has_a_number_in_a_string(string body) =>
        Assert.False(Of(Service.CreateTransfers, body).AllHaveIds);

    [Theory]
    [InlineData("")]
    [InlineData("[")]
    [InlineData("""{"transfers":[{"id":"1"}""")]
    [InlineData("""{"transfers":[{"id":"1"}]} x""")]
    [InlineData("\0")]
    public void Of_a_body_that_is_not_understood_nothing_is_concluded(string body) =>
        Assert.False(Of(Service.CreateTransfers, body).IsWhole);

    [Fact]
    public void An_operation_has_its_own_id_and_its_transfers()
    {
        RequestScan scan = Of(
            Service.ProposeOperation,
            """{"guards":[{"id":"5"}],"transfers":[{"id":"7","debit_account_id":"8"}],"id":"9"}"""
        );
        Assert.True(scan.HasOwnId);
        Assert.Equal([(UInt128)7], scan.TransferIds);
        Assert.Equal([(UInt128)8], scan.AccountIds);
        Assert.Equal(1, scan.Events);
    }

    [Fact]
    public void The_id_in_the_address_is_seen()
    {
        RequestScan put = RequestScan.Of(
            Service.PutTransfer,
            "/v1/transfers/17",
            """{"debit_account_id":"1","flags":["linked"],"credit_account_id":"2"}"""u8
        );
        Assert.Equal([(UInt128)17], put.TransferIds);
        Assert.Equal([(UInt128)1, (UInt128)2], put.AccountIds);
        RequestScan list = RequestScan.Of(Service.ReadTransfers, "/v1/accounts/5/transfers", []);
        Assert.Equal([(UInt128)5], list.AccountIds);
        Assert.Empty(list.TransferIds);
    }

    [Theory]
    [InlineData("POST", "/v1/transfers", Service.CreateTransfers, true)]
    [InlineData("PUT", "/v1/transfers/1", Service.PutTransfer, true)]
    [InlineData("POST", "/v1/operations", Service.ProposeOperation, true)]
    [InlineData("POST", "/v1/accounts", Service.CreateAccounts, false)]
    [InlineData("POST", "/v1/accounts/updates", Service.UpdateAccounts, false)]
    [InlineData("PUT", "/v1/accounts/1", Service.PutAccount, false)]
    [InlineData("PUT", "/v1/accounts/1/x", Service.OtherWrite, false)]
    [InlineData("GET", "/v1/accounts/1/transfers", Service.ReadTransfers, false)]
    [InlineData("GET", "/v1/accounts/1/balances", Service.ReadAccounts, false)]
    [InlineData("GET", "/v1/records/a/b", Service.ReadRecords, false)]
    [InlineData("GET", "/v1/change-events", Service.ReadChanges, false)]
    [InlineData("DELETE", "/v1/keys/1", Service.Keys, false)]
    [InlineData("POST", "/v1/clock/confirm", Service.OtherWrite, false)]
    [InlineData("GET", "/reference/scalar.js", Service.Pages, false)]
    [InlineData("GET", "/problems/busy", Service.Pages, false)]
    [InlineData("GET", "/v1x", Service.None, false)]
    [InlineData("GET", "/peer/v1/files", Service.None, false)]
    [InlineData("PATCH", "/v1/accounts/1", Service.None, false)]
    public void Every_route_has_its_service(
        string method,
        string path,
        Service service,
        bool movesMoney
    )
    {
        Route route = Routes.Find(method, path);
        Assert.Equal(service, route.Service);
        Assert.Equal(movesMoney, route.MovesMoney);
    }

    private static RequestScan Of(Service service, string body) =>
        RequestScan.Of(service, "/v1/transfers", Encoding.UTF8.GetBytes(body));
}
