using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583;
using Evenkeel.Channels.Iso8583.Codec;
using Evenkeel.Demo.Plan;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Demos;
using Evenkeel.Host.Rails;
using Evenkeel.Host.Serving;
using Xunit;

namespace Evenkeel.Host.Tests.Secrets;

/// <summary>
/// <c>evenkeel run</c> with everything around it, and those who use it. Each secret that one of them
/// shows to the house is planted in the scan first.
/// </summary>
internal sealed class PlayedHouse(string data, string players, SecretScan scan) : IAsyncDisposable
{
    /// <summary>Not secret: what must be found.</summary>
    public const string ControlSecret = "control";

    private const string Control = "FOUND-ON-DISK";
    public const string Person = "person-1";
    private const string Company = "factory-1";
    private const string Login = "planted-login";
    private const string Password = "correct-horse-7-battery";
    private const int Sigkill = 9;
    private const int LookMs = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly JsonSerializerOptions Snake = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    private readonly DemoOptions _options = new(Seed: 7, Language: "zh-Hans", Persons: 12);
    private readonly List<(string Place, string Words)> _said = [];
    private readonly HttpClient _customer = new();
    private readonly HttpClient _operator = new();
    private HostProcess? _run;
    private DemoAnswer? _who;
    private byte[] _codeKey = [];

    /// <summary>All that any process of the house, or a command beside it, has said.</summary>
    public IReadOnlyList<(string Place, string Words)> Said => _said;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async Task StartAsync()
    {
        scan.PlantText(ControlSecret, Control);
        foreach (var customer in DemoPlanner.Draw(_options).Customers)
        {
            scan.PlantShortName("name of " + customer.Reference, customer.Name);
            scan.PlantShortName("address of " + customer.Reference, customer.Address);
            if (DemoCards.Of(_options, customer) is { } card)
            {
                scan.PlantCard("card of " + customer.Reference, card.Number);
                scan.PlantPin("PIN of " + customer.Reference, card.Pin, card.Number);
            }
        }
        scan.PlantText("password of the program", DemoSecrets.PasswordOf(_options, Company));

        var temporary = Path.Combine(data, "temporary");
        Directory.CreateDirectory(temporary);
        DemoFile.New(_options.Seed, _options.Language, _options.Persons, days: 0).Write(data);
        _run = HostProcess.Start(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["EVENKEEL_LOG_LEVEL"] = "trace",
                ["TMPDIR"] = temporary,
            },
            "run",
            "--data",
            data,
            "--port",
            "0",
            "--rest-port",
            "0"
        );
        // The last hint: everything runs and the bank is furnished.
        await _run.LineAsync(static line => line.Contains("demo check", StringComparison.Ordinal));
        var endpoints = EndpointFile.Read(data)!;
        _operator.BaseAddress = endpoints.Rest;
        _operator.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            OperatorKey.Read(data)
        );
        _customer.BaseAddress = new Uri(AddressAfter("(REST)"));
        _who = await PostAsync(
            _operator,
            DemoEndpoint.Path,
            DemoFile.Of(data).ToRequest(),
            DemoJson.Default.DemoRequest,
            DemoJson.Default.DemoAnswer
        );
    }

    /// <summary>A wrong password, a wrong code, then the right ones.</summary>
    public async Task SignInAsync()
    {
        var made = await SendAsync(
            _operator,
            "/v1/bank/logins",
            new
            {
                kind = "customer",
                login = Login,
                subject = _who!.Customers[Person],
                secret = Password,
                authenticator = true,
            },
            HttpStatusCode.OK
        );
        var key = made.GetProperty("authenticator_key").GetString()!;
        _codeKey = FromBase32(key);
        scan.PlantText("password", Password);
        scan.PlantText("wrong password", "wrong-donkey-9-battery");
        scan.PlantKey("key of the authenticator", key, _codeKey);

        await SessionAsync("wrong-donkey-9-battery", code: null, HttpStatusCode.Unauthorized);
        var session = await SessionAsync(Password, CodeNow(), HttpStatusCode.OK);
        _customer.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            session.GetProperty("token").GetString()
        );
    }

    /// <summary>Here and to another bank, with names and texts; and a card number where none belongs.</summary>
    public async Task PayAsync()
    {
        scan.PlantText("payee", "欧阳静怡收款人");
        scan.PlantText("text", "二零二六年十一月房租");
        scan.PlantText("rail payee", "Ottokar Geheimniskrämer");
        scan.PlantText("rail text", "For aunt Petunia alone");
        scan.PlantText("rail account", "DE4711OUTSIDEACCOUNT");
        await PayAsync(
            "here-1",
            new { account = Account("person-2/current"), name = "欧阳静怡收款人" },
            "二零二六年十一月房租",
            Control,
            HttpStatusCode.OK
        );
        var other = await OtherBankAsync();
        await PayAsync(
            "away-1",
            new
            {
                account = "DE4711OUTSIDEACCOUNT",
                bank = other,
                name = "Ottokar Geheimniskrämer",
            },
            "For aunt Petunia alone",
            Control + "-AWAY",
            HttpStatusCode.Accepted
        );
        var card = CardOf(Person);
        await PayAsync(
            "card-1",
            new { account = card.Number, name = "欧阳静怡收款人" },
            "二零二六年十一月房租",
            "CARD",
            HttpStatusCode.UnprocessableEntity
        );
        using var asked = await _customer.GetAsync(
            new Uri($"/bank/v1/accounts/{card.Number}?card={card.Number}", UriKind.Relative),
            Token
        );
        Assert.False(asked.IsSuccessStatusCode);
    }

    /// <summary>With the right PIN, a wrong one, and cards that are none or nobody's.</summary>
    public async Task DrawCashAsync()
    {
        var card = CardOf(Person);
        var wrong = card.Pin == "9753" ? "9754" : "9753";
        scan.PlantPin("wrong PIN", wrong, card.Number);
        const string Nobodys = "6228009999999992";
        scan.PlantCard("nobody's card", Nobodys);
        const string None = "6228009999999991";
        scan.PlantText("what is no card", None);
        Assert.Equal(ExitCode.Ok, await DrawAsync(card.Number, card.Pin));
        Assert.NotEqual(ExitCode.Ok, await DrawAsync(card.Number, wrong));
        Assert.NotEqual(ExitCode.Ok, await DrawAsync(Nobodys, card.Pin));
        Assert.NotEqual(ExitCode.Ok, await DrawAsync(None, card.Pin));
    }

    /// <summary>To the cash machines' line: bytes that are no message, and a message that lacks its amount.</summary>
    public async Task SendMalformedAsync()
    {
        var line = IPEndPoint.Parse(new Uri(AddressAfter("ISO 8583", "tcp://")).Authority);
        var pan = CardOf(Person).Number;
        using (TcpClient stranger = new())
        {
            await stranger.ConnectAsync(line, Token);
            var message = Encoding.ASCII.GetBytes($"0200F23A800128A1801800000000160{pan}=4912");
            await stranger
                .GetStream()
                .WriteAsync((byte[])[0, (byte)message.Length, .. message], Token);
            // The line is closed, with or without a word.
            await stranger.GetStream().CopyToAsync(Stream.Null, Token);
        }
        using var keys = SoftwareCardKeys.Open(
            SoftwareCardKeys.Profile,
            Path.Combine(data, HostedBank.CardKeysFile)
        );
        using var terminal = keys.KeysOf("SHOP0001");
        await using var client = await IsoClient.ConnectAsync(
            line,
            new IsoClientOptions { Keys = terminal },
            TimeProvider.System,
            Token
        );
        using IsoMessage signOn = new(Mti.NetworkRequest);
        Stamp(signOn, 1);
        signOn.Set(IsoField.Terminal, "SHOP0001");
        signOn.Set(IsoField.NetworkCode, "001");
        using var welcome = await client.AskAsync(signOn, Patience, Token);
        Assert.Equal("00", welcome?.Text(IsoField.ResponseCode));
        using IsoMessage purchase = new(Mti.FinancialRequest);
        Stamp(purchase, 2);
        purchase.Set(IsoField.Pan, Encoding.ASCII.GetBytes(pan));
        purchase.Set(IsoField.ProcessingCode, "000000");
        purchase.Set(IsoField.Terminal, "SHOP0001");
        using var refused = await client.AskAsync(purchase, Patience, Token);
        Assert.Equal("30", refused?.Text(IsoField.ResponseCode));
    }

    /// <summary>A file with names, released by another key than the one that brought it.</summary>
    public async Task PayWagesAsync()
    {
        scan.PlantText("worker", "Wanda Lohnempfaenger");
        scan.PlantText("worker's text", "Bonus for her silence");
        var today = DateTime.Today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var file =
            $"H,1,WAGES-1,{Account($"{Company}/current")},{today},CNY,1,12.34,SALA\n"
            + $"P,WAGE-1,,{Account("person-2/current")},Wanda Lohnempfaenger,12.34,Bonus for her silence\n";
        using StringContent content = new(file, Encoding.UTF8, "text/csv");
        using var taken = await _operator.PostAsync(
            new Uri(BulkEndpoint.Path, UriKind.Relative),
            content,
            Token
        );
        var text = await taken.Content.ReadAsStringAsync(Token);
        Assert.True(taken.IsSuccessStatusCode, text);
        var run = JsonDocument.Parse(text).RootElement.GetProperty("run").GetString();
        var checker = await SendAsync(
            _operator,
            "/v1/keys",
            new { name = "checker", scopes = (string[])["admin"] },
            HttpStatusCode.Created
        );
        using HttpRequestMessage release = new(
            HttpMethod.Post,
            $"{BulkEndpoint.Path}/{run}/release"
        );
        release.Headers.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            checker.GetProperty("token").GetString()
        );
        using var released = await _operator.SendAsync(release, Token);
        Assert.True(released.IsSuccessStatusCode, await released.Content.ReadAsStringAsync(Token));
    }

    /// <summary>Money that comes in with names; the one that went out has arrived.</summary>
    public async Task MeetOtherBanksAsync()
    {
        scan.PlantText("rail payer", "Quentin Fremdling");
        scan.PlantText("rail legacy", "Legacy of uncle Albert");
        scan.PlantText("rail creditor", "Persona Grata Sinica");
        using HttpClient clearing = new() { BaseAddress = new Uri(AddressAfter("Clearing")) };
        var bank = (await OtherBankAsync())!;
        var credit = await SendAsync(
            clearing,
            "/clearing/pacs.008",
            new
            {
                uetr = Guid.NewGuid(),
                endToEndId = Control + "-IN",
                debtorBank = bank,
                debtorAccount = "FR0815ELSEWHERE",
                debtorName = "Quentin Fremdling",
                creditorBank = Evenkeel.Banking.Rails.BankOwn.Code.Value,
                creditorAccount = Account($"{Person}/current"),
                creditorName = "Persona Grata Sinica",
                amountMinor = 4_711,
                currency = 156,
                remittance = "Legacy of uncle Albert",
            },
            HttpStatusCode.OK
        );
        Assert.Equal("ACSC", credit.GetProperty("status").GetString());
        await UntilAsync(() => IsKnownAsync(Control + "-IN"));
        await UntilAsync(async () =>
            (
                await File.ReadAllTextAsync(Path.Combine(data, "clearing", "clearing.jsonl"), Token)
            ).Contains(Control + "-AWAY", StringComparison.Ordinal)
        );
    }

    /// <summary>No goodbye; the house starts it again.</summary>
    public async Task KillGatewayAsync()
    {
        var first = await _run!.LineAsync(IsStart);
        var process = int.Parse(
            first[(first.LastIndexOf(' ') + 1)..],
            CultureInfo.InvariantCulture
        );
        Assert.Equal(0, HostProcess.Signal(process, Sigkill));
        await _run.LineAsync(line => IsStart(line) && line != first);

        static bool IsStart(string line) =>
            line.Contains("gateway started, process", StringComparison.Ordinal);
    }

    public async Task StopAsync() => Heard("run", await _run!.TerminateAsync());

    public ValueTask DisposeAsync()
    {
        _run?.Dispose();
        _customer.Dispose();
        _operator.Dispose();
        return ValueTask.CompletedTask;
    }

    private DemoCard CardOf(string reference) =>
        DemoCards.Of(_options, DemoPlanner.Draw(_options).Find(reference))
        ?? throw new InvalidOperationException($"{reference} has no card.");

    private string Account(string reference) => _who!.Accounts[reference];

    /// <summary>Some other bank that the clearing reaches.</summary>
    private async Task<string> OtherBankAsync()
    {
        using HttpClient clearing = new() { BaseAddress = new Uri(AddressAfter("Clearing")) };
        var codes = await clearing.GetFromJsonAsync<string[]>("/clearing/participants", Token);
        return codes!.First(static code => code != Evenkeel.Banking.Rails.BankOwn.Code.Value);
    }

    private async Task<bool> IsKnownAsync(string reference)
    {
        using var answer = await _customer.GetAsync(
            new Uri($"/bank/v1/traces?reference={reference}", UriKind.Relative),
            Token
        );
        return answer.StatusCode == HttpStatusCode.OK;
    }

    private async Task PayAsync(
        string key,
        object to,
        string text,
        string endToEnd,
        HttpStatusCode expected
    )
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/bank/v1/payments")
        {
            Content = JsonContent.Create(
                new
                {
                    from = Account($"{Person}/current"),
                    to,
                    amount = "1.00",
                    currency = "CNY",
                    end_to_end_id = endToEnd,
                    remittance = text,
                },
                options: Snake
            ),
        };
        request.Headers.Add("Idempotency-Key", key);
        using var answer = await _customer.SendAsync(request, Token);
        Assert.True(
            answer.StatusCode == expected,
            $"{key}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(Token)}"
        );
    }

    private Task<JsonElement> SessionAsync(string secret, string? code, HttpStatusCode expected) =>
        SendAsync(
            _customer,
            "/bank/v1/sessions",
            new
            {
                login = Login,
                secret,
                code,
            },
            expected
        );

    private async Task<int> DrawAsync(string number, string pin)
    {
        var pinFile = Path.Combine(players, "pin");
        var cardFile = Path.Combine(players, "card");
        await File.WriteAllTextAsync(pinFile, pin, Token);
        await File.WriteAllTextAsync(cardFile, number, Token);
        var drawn = await HostProcess.RunAsync(
            "atm",
            "withdraw",
            "--data",
            Path.Combine(data, "atm"),
            "--card",
            cardFile,
            "--expiry",
            DemoCards.ExpiryYearMonth.ToString(CultureInfo.InvariantCulture),
            "--pin-file",
            pinFile,
            "--amount",
            "100"
        );
        Heard("atm withdraw", drawn);
        return drawn.ExitCode;
    }

    private void Heard(string place, Finished finished) =>
        _said.Add((place, string.Join('\n', [.. finished.Output, finished.Error])));

    private string AddressAfter(string what, string scheme = "")
    {
        var line = _run!.Output.First(l => l.Contains(what, StringComparison.Ordinal));
        return scheme + line[(line.LastIndexOf(' ') + 1)..];
    }

    private string CodeNow()
    {
        Span<byte> step = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(
            step,
            TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30
        );
        // RFC 6238 with the hash that authenticators use.
#pragma warning disable CA5350
        var hash = HMACSHA1.HashData(_codeKey, step);
#pragma warning restore CA5350
        var number =
            System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(
                hash.AsSpan(hash[^1] & 15, 4)
            ) & 0x7FFF_FFFF;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    private static byte[] FromBase32(string text)
    {
        List<byte> bytes = [];
        var bits = 0;
        var held = 0;
        foreach (var digit in text.TrimEnd('='))
        {
            held =
                ((held << 5) | (digit is >= 'A' and <= 'Z' ? digit - 'A' : digit - '2' + 26))
                & 0xFFFF;
            bits += 5;
            if (bits >= 8)
            {
                bits -= 8;
                bytes.Add((byte)((held >> bits) & 0xFF));
            }
        }
        return [.. bytes];
    }

    private static void Stamp(IsoMessage message, int stan)
    {
        message.Set(
            IsoField.TransmissionTime,
            IsoClock.TransmissionTime(TimeProvider.System.GetUtcNow())
        );
        message.Set(IsoField.Stan, stan);
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, "It never came.");
            await Task.Delay(LookMs, Token);
        }
    }

    private static async Task<JsonElement> SendAsync(
        HttpClient http,
        string path,
        object body,
        HttpStatusCode expected
    )
    {
        using var content = JsonContent.Create(body, body.GetType(), options: null);
        using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), content, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.StatusCode == expected, $"{path}: {answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    private static async Task<TAnswer> PostAsync<T, TAnswer>(
        HttpClient http,
        string path,
        T body,
        System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type,
        System.Text.Json.Serialization.Metadata.JsonTypeInfo<TAnswer> answers
    )
    {
        using var content = JsonContent.Create(body, type);
        using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), content, Token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
        return (await answer.Content.ReadFromJsonAsync(answers, Token))!;
    }
}
