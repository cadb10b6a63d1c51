"""Fictitious names in the shape of real ones."""

from random import Random

from stdnum.cn import uscc

DISTRICTS = (
    "昆都仑区", "青山区", "东河区", "九原区", "石拐区", "白云鄂博矿区", "土默特右旗", "固阳县", "达茂联合旗", "稀土高新区",
)  # fmt: skip
"""The banners, counties, districts and the high-tech zone of the reference city."""
CODES = ("150203", "150204", "150202", "150207", "150205", "150206", "150221", "150222", "150223", "150271")
INDUSTRIES = ("冶金稀土", "机械装备", "能源化工", "建筑建材", "交通运输", "财贸轻纺", "教科文卫", "国防军工")

WORDS = (
    "云鹿 青岩 石门 朔方 赛汗 敖包 长胜 昭苏 天驹 金河 青穗 北岭 德盛 驰原 塞北 瑞谷 铁木 恒曜 一苇 沃野 云川 大青 银砂 "
    "鹿原 阴山 万和 星野 海流 乌兰 白桦 苍原 晨晖 鼎岳 风沙 高远 和硕 弘毅 化石 嘉禾 锦原 九曲 开远 蓝旗 力源 明安 南圪 "
    "平川 祁连 润北 山丹 松涛 泰来 同力 维信 希望 新拓 雁北 伊敏 永固 玉泉 源盛 正北 中岳 卓越 河套 磐石 澄泥 骏马 "
    "草原 蒙野 塞罕 浩特 金盾 西山 北疆 呼和 沙尔 桑干 丰镇"
).split()
TRADES = (
    ("稀土材料", ("稀土永磁", "稀土抛光材料", "稀土储氢", "稀土催化剂")),
    ("装备制造", ("机械制造", "数控刀具", "重型汽车零部件", "铁路车辆配件", "工程机械", "铆焊结构")),
    ("新能源", ("光伏科技", "风电叶片", "单晶硅", "硅材料", "储能技术")),
    ("冶金", ("特钢", "铝业", "铁合金", "轧辊", "无缝钢管")),
    ("化工建材", ("特种陶瓷", "石墨新材料", "建材", "精细化工", "玻璃纤维")),
    ("轻工食品", ("羊绒制品", "乳业", "肉食品", "印务", "乳胶制品")),
    ("现代服务", ("物流", "云仓供应链", "快递服务", "物业服务", "软件", "检测技术")),
    ("能源", ("热电", "燃气", "电缆", "机电安装")),
)
INDUSTRY_OF = {
    "稀土材料": 0, "冶金": 0, "装备制造": 1, "新能源": 2, "能源": 2, "化工建材": 3, "现代服务": 4, "轻工食品": 5,
}  # fmt: skip
SURNAMES = "苏乔岑陆韩白云沈方秦许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章潘葛奚范彭郎鲁韦昌马苗凤花俞任袁柳鲍史唐费廉薛雷贺倪汤"
GIVEN = (
    "云岚 望舒 立川 青禾 述白 若水 守拙 长河 明远 思齐 清和 知行 景行 怀瑾 子衿 北辰 小满 惊蛰 谷雨 春生 秋实 建国 志强 "
    "海燕 玉兰 晓峰 文博 雅琴 铁军 红霞 振华 丽娟 国栋 慧敏 德明 淑芬 永刚 秀英 学文 美玲"
).split()
FIELDS = ("焊接与装配", "电气自动化", "冶金与材料", "企业管理", "职业培训", "劳动关系", "安全生产", "信息技术")


def credit_code(chance: Random, division: str, kind: str) -> str:
    """A valid 统一社会信用代码 (GB 32100) of an organisation that does not exist."""
    head = {"enterprise": "91", "park": "91", "department": "11", "institution": "12", "township": "11"}[kind]
    body = "".join(chance.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(9))
    return head + division + body + uscc.calc_check_digit(head + division + body)


def person(chance: Random) -> str:
    """A name; two people may share one, as in life."""
    return chance.choice(SURNAMES) + chance.choice(GIVEN)


def phone(chance: Random) -> str:
    """A mobile number in a range that no operator assigns."""
    return f"100{chance.randrange(10**8):08d}"
