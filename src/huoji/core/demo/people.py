"""Invented people, firms, addresses and goods. No phone number can ring: see `phone`."""

import re

from huoji.core.cities import City
from huoji.core.demo.dice import Dice
from huoji.core.demo.model import CustomerFacts

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲力华健鹏红云建宁志宏晓燕雪梅欣怡子涵浩然"
ROADS = (
    "云帆路",
    "星河路",
    "望江路",
    "松涛路",
    "锦绣大道",
    "百合街",
    "东篱路",
    "青石街",
    "远航路",
    "晨曦路",
    "长风大道",
    "枫林路",
    "银杏街",
    "听雨路",
)
HOMES = ("云栖花园", "星河家园", "望江公寓", "松涛小区", "锦绣新村", "东篱佳苑")
UNITS = ("{}号楼{}单元{}室", "{}幢{}{}室", "{}栋{}单元{}")
WORDS = (
    "云岭",
    "海岳",
    "星桥",
    "青禾",
    "远山",
    "赤松",
    "白露",
    "北辰",
    "南汐",
    "朗川",
    "鹿鸣",
    "沐风",
    "金穗",
    "玄武岩",
    "拾光",
    "木犀",
)
TRADES = ("家电", "服饰", "机械", "食品", "医疗器械", "电子", "家居", "化工", "汽配", "图书", "茶业", "建材")
FOREIGN = (
    "Northlight Trading",
    "Harbourline Imports",
    "Blue Heron Retail",
    "Oakmere Supplies",
    "Tamarind Foods",
    "Kestrel Components",
    "Lantern House",
)
EXPRESS_GOODS = (
    "文件",
    "服装",
    "手机配件",
    "图书",
    "茶叶",
    "化妆品",
    "小家电",
    "鞋",
    "玩具",
    "零食",
    "药品样品",
    "数码产品",
)
ROAD_GOODS = (
    "空调整机",
    "轴承",
    "瓷砖",
    "瓶装饮料",
    "纸箱",
    "汽车轮胎",
    "钢管",
    "家具",
    "冰箱",
    "化肥",
    "电动车",
    "布匹",
)
OCEAN_GOODS = ("家用电器", "纺织品", "汽车零件", "光伏组件", "家具", "塑料制品", "机械设备", "轮胎", "玩具", "冷冻海产")
DEAD_PREFIXES = ("154", "163", "164", "168")


def phone(dice: Dice) -> str:
    """Return a mobile number of the right shape on a prefix that no operator has been given.

    The plan of China's Ministry of Industry and Information Technology has left these out so far, and libphonenumber's metadata, which
    is in our lock file, knows no valid number on them: a test compares. Nothing is sent to the demonstration's contacts anyway.
    """
    return f"{dice.pick(DEAD_PREFIXES)}{dice.below(10**8):08d}"


def office_phone(dice: Dice) -> str:
    """Return a landline that begins with 0 behind its area code, as none can."""
    return f"0{dice.pick(('10', '21', '27', '28', '371', '571'))}-0{dice.below(10**6):06d}"


def person(dice: Dice) -> str:
    length = 1 if dice.chance(35) else 2
    return dice.pick(SURNAMES) + "".join(dice.pick(GIVEN) for _ in range(length))


def address(dice: Dice, city: City, district: str = "") -> str:
    """Return an address down to the room, as people write it."""
    start = f"{'' if city.province.startswith(city.name) else city.province}{city.name}市{district or dice.pick(city.districts)}"
    start = re.sub(r"(香港|澳门)市", r"\1", start)
    unit = dice.pick(UNITS).format(
        dice.between(1, 28), dice.between(1, 4), dice.between(1, 24) * 100 + dice.between(1, 8)
    )
    if dice.chance(40):
        return f"{start}{dice.pick(HOMES)}{unit}"
    return f"{start}{dice.pick(ROADS)}{dice.between(1, 999)}号{unit}"


def customers(dice: Dice, cities: tuple[City, ...]) -> tuple[CustomerFacts, ...]:
    """Return the firms that ship with us; each name says that it is invented."""
    made = []
    for index, word in enumerate(WORDS * 2):
        city = dice.pick(cities)
        trade = TRADES[(index * 5 + index // len(WORDS)) % len(TRADES)]
        made.append(
            CustomerFacts(
                code=f"DEMO{index + 1:03d}", name=f"{city.name}{word}{trade}有限公司(演示)", contact=person(dice), phone=phone(dice),
                address=address(dice, city),
            )
        )  # fmt: skip
    return tuple(made)
