namespace Evenkeel.Demo.Names;

/// <summary>The three books. Order matters: what a seed draws depends on it.</summary>
internal static class NameBooks
{
    public static readonly NameBook English = new(
        "en",
        JoinsFamilyFirst: false,
        Split(
            "Adler Bennett Calder Dalton Ellison Farrow Garnett Holloway Ingram Jarvis Keating Lowell "
                + "Mercer Norwood Osborne Prescott Quill Rowan Sutton Thorne Upton Vance Whitby Yates"
        ),
        Split(
            "Ada Ben Clara Dan Elsa Finn Grace Hugo Iris Jack Kate Leo Mia Noah Olive Paul Rose Sam "
                + "Tessa Victor Wendy Zoe"
        ),
        Lines("Mill Lane|Harbour Road|Station Street|Orchard Way|Quay Street|Chapel Hill"),
        Lines("Northport|Eastbridge|Lakeside|Westmoor"),
        Lines(
            "Corner Grocery|Harbour Books|Green Leaf Pharmacy|Noodle House|Bright Shoes|City Hardware|"
                + "Morning Bakery|Blue Cup Coffee"
        ),
        Lines("Northport Machine Works"),
        Lines("Steel & Bar Ltd|Bearing Supply Co|Lakeside Logistics|Clearline Packaging"),
        Lines("City Water|Northport Power|Telenorth Mobile|Traffic Office"),
        Lines("Harbour Mutual Insurance"),
        Lines("Head Office|Harbour Branch|Station Branch")
    );

    public static readonly NameBook Simplified = new(
        "zh-Hans",
        JoinsFamilyFirst: true,
        Split("王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 林 罗 郑 梁 谢 宋 唐"),
        Split("芳 伟 敏 静 丽 强 磊 洋 艳 勇 军 杰 娟 涛 明 超 霞 平 刚 桂英 秀兰 建华 志强 晓东"),
        Lines("人民路|中山路|解放路|建设街|和平里|学府路"),
        Lines("滨海市|临江市|东湖市|西岭市"),
        Lines("邻家超市|海港书店|绿叶药房|老街面馆|明亮鞋店|五金之家|晨光面包|蓝杯咖啡"),
        Lines("滨海机械厂"),
        Lines("钢材有限公司|轴承供应公司|湖畔物流|清线包装"),
        Lines("市自来水公司|滨海电力|北方移动|交通管理处"),
        Lines("海港互助保险"),
        Lines("总行营业部|海港支行|车站支行")
    );

    public static readonly NameBook Traditional = new(
        "zh-Hant",
        JoinsFamilyFirst: true,
        Split("王 李 張 劉 陳 楊 黃 趙 吳 周 徐 孫 馬 朱 胡 郭 何 林 羅 鄭 梁 謝 宋 唐"),
        Split("芳 偉 敏 靜 麗 強 磊 洋 艷 勇 軍 傑 娟 濤 明 超 霞 平 剛 桂英 秀蘭 建華 志強 曉東"),
        Lines("人民路|中山路|解放路|建設街|和平里|學府路"),
        Lines("濱海市|臨江市|東湖市|西嶺市"),
        Lines("鄰家超市|海港書店|綠葉藥房|老街麵館|明亮鞋店|五金之家|晨光麵包|藍杯咖啡"),
        Lines("濱海機械廠"),
        Lines("鋼材有限公司|軸承供應公司|湖畔物流|清線包裝"),
        Lines("市自來水公司|濱海電力|北方移動|交通管理處"),
        Lines("海港互助保險"),
        Lines("總行營業部|海港分行|車站分行")
    );

    private static string[] Split(string words) => words.Split(' ');

    private static string[] Lines(string lines) => lines.Split('|');
}
