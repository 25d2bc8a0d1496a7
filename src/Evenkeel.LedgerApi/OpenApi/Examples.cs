namespace Evenkeel.LedgerApi.OpenApi;

/// <summary>Examples of request bodies, as in docs/api.md. A test sends each of them.</summary>
internal static class Examples
{
    public const string Account = """
        { "ledger": 978, "code": 10, "flags": ["debits_must_not_exceed_credits", "history"] }
        """;

    public const string Accounts = """
        {
          "accounts": [
            { "id": "1001", "ledger": 978, "code": 10, "flags": ["history"] },
            { "id": "1002", "ledger": 978, "code": 10, "flags": ["debits_must_not_exceed_credits"] }
          ]
        }
        """;

    public const string Updates = """
        { "updates": [{ "id": "1002", "expected_version": 0, "allowance": "50000" }] }
        """;

    public const string Transfer = """
        {
          "debit_account_id": "1001",
          "credit_account_id": "1002",
          "amount": "12345",
          "ledger": 978,
          "code": 1
        }
        """;

    public const string Transfers = """
        {
          "transfers": [
            {
              "id": "2001",
              "debit_account_id": "1001",
              "credit_account_id": "1002",
              "amount": "12345",
              "ledger": 978,
              "code": 1
            },
            {
              "id": "2002",
              "debit_account_id": "1002",
              "credit_account_id": "1001",
              "amount": "500",
              "ledger": 978,
              "code": 1,
              "timeout": 3600,
              "flags": ["pending"]
            }
          ]
        }
        """;

    public const string Operation = """
        {
          "id": "3001",
          "guards": [{ "absent": { "collection": "customer", "key": "c-1" } }],
          "accounts": [{ "id": "1003", "ledger": 978, "code": 10 }],
          "writes": [
            { "collection": "customer", "key": "c-1", "value": { "account": "1003" } }
          ]
        }
        """;

    public const string Key = """
        { "name": "payroll upload", "scopes": ["ledger:read", "ledger:write"] }
        """;
}
