using System.Globalization;

namespace Evenkeel.Channels.Iso8583.Codec;

/// <summary>
/// A message type indicator: version, class, function and origin, one digit each. Only version 0, the
/// 1987 one, is spoken here.
/// </summary>
public readonly record struct Mti(ushort Value)
{
    public static readonly Mti AuthorisationRequest = new(100);
    public static readonly Mti AuthorisationAdvice = new(120);
    public static readonly Mti FinancialRequest = new(200);
    public static readonly Mti FinancialAdvice = new(220);
    public static readonly Mti ReversalRequest = new(400);
    public static readonly Mti ReversalAdvice = new(420);
    public static readonly Mti NetworkRequest = new(800);

    /// <summary>1 authorisation, 2 financial, 4 reversal, 8 network management.</summary>
    public int Class => Value / 100;

    /// <summary>The message without its mark of repetition: 0221 becomes 0220.</summary>
    public Mti First => IsRepeat ? new Mti((ushort)(Value - 1)) : this;

    /// <summary>The sender says that it has sent this before (0101, 0121, 0201, 0221, 0401, 0421).</summary>
    public bool IsRepeat => IsAsked && Value % 2 == 1;

    /// <summary>The sender tells what happened, and can't be refused for money (0120, 0220, 0420).</summary>
    public bool IsAdvice => Value / 10 % 10 == 2;

    /// <summary>A request or an advice, not the answer to one.</summary>
    public bool IsAsked => Value / 10 % 10 is 0 or 2;

    /// <summary>The answer's type: 0200 and 0201 are answered by 0210, 0221 by 0230.</summary>
    public Mti Response => new((ushort)(First.Value + 10));

    /// <summary>The repeated form: 0420 becomes 0421.</summary>
    public Mti Repeat => new((ushort)(First.Value + 1));

    /// <returns>False unless four digits, the first 0, the class not 0.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out Mti mti)
    {
        mti = default;
        if (
            text.Length != 4
            || text[0] != '0'
            || text[1] == '0'
            || text.ContainsAnyExceptInRange((byte)'0', (byte)'9')
        )
        {
            return false;
        }
        mti = new Mti((ushort)(((text[1] - '0') * 100) + ((text[2] - '0') * 10) + (text[3] - '0')));
        return true;
    }

    public override string ToString() => Value.ToString("0000", CultureInfo.InvariantCulture);
}
