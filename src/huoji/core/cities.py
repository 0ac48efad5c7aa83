"""Cities and ports of the trade, as data: names, GB/T 2260 codes, positions, and the texts that others use for ports.

Positions are those of the city's centre or the port's main basin, WGS-84, to about a kilometre: good enough for a schematic map
and for planned times, not for navigation. Codes of ports are UN/LOCODE as public port lists show them; the aliases are dirt that was
seen in such lists, and the short names by which people call a port.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class City:
    """A city on the mainland, in Hong Kong, Macau or Taiwan; `code` is three letters of our own choice."""

    code: str
    name: str
    name_en: str
    province: str
    area: str
    lat: float
    lon: float
    districts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Port:
    """A sea port; `aliases` are other texts for it."""

    locode: str
    name: str
    name_en: str
    lat: float
    lon: float
    time_zone: str
    aliases: tuple[str, ...] = ()


CITIES = tuple(
    City(code, name, name_en, province, area, lat, lon, tuple(districts.split()))
    for code, name, name_en, province, area, lat, lon, districts in (
        ("BJS", "北京", "Beijing", "北京市", "110100", 39.90, 116.41, "朝阳区 海淀区 丰台区 通州区"),
        ("TSN", "天津", "Tianjin", "天津市", "120100", 39.13, 117.20, "南开区 西青区"),
        ("SJW", "石家庄", "Shijiazhuang", "河北省", "130100", 38.04, 114.51, "长安区 裕华区"),
        ("TYN", "太原", "Taiyuan", "山西省", "140100", 37.87, 112.55, "小店区 迎泽区"),
        ("HET", "呼和浩特", "Hohhot", "内蒙古自治区", "150100", 40.84, 111.75, "赛罕区 新城区"),
        ("SHE", "沈阳", "Shenyang", "辽宁省", "210100", 41.80, 123.43, "铁西区 浑南区"),
        ("DLC", "大连", "Dalian", "辽宁省", "210200", 38.91, 121.61, "甘井子区"),
        ("CGQ", "长春", "Changchun", "吉林省", "220100", 43.82, 125.32, "朝阳区 南关区"),
        ("HRB", "哈尔滨", "Harbin", "黑龙江省", "230100", 45.80, 126.53, "道里区 香坊区"),
        ("SHA", "上海", "Shanghai", "上海市", "310100", 31.23, 121.47, "浦东新区 闵行区 嘉定区 青浦区"),
        ("NKG", "南京", "Nanjing", "江苏省", "320100", 32.06, 118.80, "江宁区 雨花台区"),
        ("WUX", "无锡", "Wuxi", "江苏省", "320200", 31.49, 120.31, "滨湖区"),
        ("XUZ", "徐州", "Xuzhou", "江苏省", "320300", 34.26, 117.19, "铜山区"),
        ("SZV", "苏州", "Suzhou", "江苏省", "320500", 31.30, 120.59, "吴中区 姑苏区"),
        ("NTG", "南通", "Nantong", "江苏省", "320600", 31.98, 120.89, "崇川区"),
        ("HGH", "杭州", "Hangzhou", "浙江省", "330100", 30.27, 120.16, "余杭区 萧山区 滨江区"),
        ("NGB", "宁波", "Ningbo", "浙江省", "330200", 29.87, 121.54, "鄞州区 北仑区"),
        ("WNZ", "温州", "Wenzhou", "浙江省", "330300", 28.00, 120.70, "鹿城区"),
        ("JHA", "金华", "Jinhua", "浙江省", "330700", 29.08, 119.65, "婺城区 义乌市"),
        ("HFE", "合肥", "Hefei", "安徽省", "340100", 31.82, 117.23, "蜀山区 包河区"),
        ("WHU", "芜湖", "Wuhu", "安徽省", "340200", 31.33, 118.38, "镜湖区"),
        ("FOC", "福州", "Fuzhou", "福建省", "350100", 26.07, 119.30, "仓山区"),
        ("XMN", "厦门", "Xiamen", "福建省", "350200", 24.48, 118.09, "湖里区 集美区"),
        ("JJN", "泉州", "Quanzhou", "福建省", "350500", 24.87, 118.68, "晋江市"),
        ("KHN", "南昌", "Nanchang", "江西省", "360100", 28.68, 115.86, "青山湖区"),
        ("GZH", "赣州", "Ganzhou", "江西省", "360700", 25.83, 114.93, "章贡区"),
        ("TNA", "济南", "Jinan", "山东省", "370100", 36.65, 117.12, "历城区 槐荫区"),
        ("TAO", "青岛", "Qingdao", "山东省", "370200", 36.07, 120.38, "城阳区 黄岛区"),
        ("YNT", "烟台", "Yantai", "山东省", "370600", 37.46, 121.45, "芝罘区"),
        ("LYI", "临沂", "Linyi", "山东省", "371300", 35.10, 118.36, "兰山区"),
        ("CGO", "郑州", "Zhengzhou", "河南省", "410100", 34.75, 113.63, "金水区 管城区"),
        ("LYA", "洛阳", "Luoyang", "河南省", "410300", 34.62, 112.45, "洛龙区"),
        ("WUH", "武汉", "Wuhan", "湖北省", "420100", 30.59, 114.31, "东西湖区 洪山区 江夏区"),
        ("YIH", "宜昌", "Yichang", "湖北省", "420500", 30.69, 111.29, "伍家岗区"),
        ("XFN", "襄阳", "Xiangyang", "湖北省", "420600", 32.01, 112.12, "樊城区"),
        ("CSX", "长沙", "Changsha", "湖南省", "430100", 28.23, 112.94, "雨花区 岳麓区"),
        ("HNY", "衡阳", "Hengyang", "湖南省", "430400", 26.89, 112.57, "蒸湘区"),
        ("CAN", "广州", "Guangzhou", "广东省", "440100", 23.13, 113.26, "白云区 番禺区 黄埔区"),
        ("SZX", "深圳", "Shenzhen", "广东省", "440300", 22.54, 114.06, "宝安区 龙岗区 南山区"),
        ("ZUH", "珠海", "Zhuhai", "广东省", "440400", 22.27, 113.58, "香洲区"),
        ("SWA", "汕头", "Shantou", "广东省", "440500", 23.35, 116.68, "龙湖区"),
        ("FUO", "佛山", "Foshan", "广东省", "440600", 23.02, 113.12, "顺德区 南海区"),
        ("DGM", "东莞", "Dongguan", "广东省", "441900", 23.02, 113.75, "长安镇 虎门镇"),
        ("NNG", "南宁", "Nanning", "广西壮族自治区", "450100", 22.82, 108.37, "西乡塘区"),
        ("KWL", "桂林", "Guilin", "广西壮族自治区", "450300", 25.27, 110.29, "七星区"),
        ("HAK", "海口", "Haikou", "海南省", "460100", 20.04, 110.34, "龙华区"),
        ("CKG", "重庆", "Chongqing", "重庆市", "500100", 29.56, 106.55, "渝北区 沙坪坝区 九龙坡区"),
        ("CTU", "成都", "Chengdu", "四川省", "510100", 30.57, 104.07, "武侯区 双流区 龙泉驿区"),
        ("MIG", "绵阳", "Mianyang", "四川省", "510700", 31.47, 104.68, "涪城区"),
        ("KWE", "贵阳", "Guiyang", "贵州省", "520100", 26.65, 106.63, "观山湖区"),
        ("KMG", "昆明", "Kunming", "云南省", "530100", 24.88, 102.83, "官渡区 五华区"),
        ("LXA", "拉萨", "Lhasa", "西藏自治区", "540100", 29.65, 91.14, "城关区"),
        ("XIY", "西安", "Xi'an", "陕西省", "610100", 34.34, 108.94, "雁塔区 未央区"),
        ("YNZ", "咸阳", "Xianyang", "陕西省", "610400", 34.33, 108.71, "秦都区"),
        ("LHW", "兰州", "Lanzhou", "甘肃省", "620100", 36.06, 103.83, "七里河区"),
        ("XNN", "西宁", "Xining", "青海省", "630100", 36.62, 101.78, "城西区"),
        ("INC", "银川", "Yinchuan", "宁夏回族自治区", "640100", 38.49, 106.23, "金凤区"),
        ("URC", "乌鲁木齐", "Urumqi", "新疆维吾尔自治区", "650100", 43.83, 87.62, "新市区"),
        ("HKG", "香港", "Hong Kong", "香港特别行政区", "810000", 22.32, 114.17, "观塘区"),
        ("MFM", "澳门", "Macau", "澳门特别行政区", "820000", 22.20, 113.55, "氹仔"),
        ("TPE", "台北", "Taipei", "台湾省", "710100", 25.03, 121.56, "中正区"),
        ("CZX", "常州", "Changzhou", "江苏省", "320400", 31.81, 119.97, "新北区"),
        ("JXS", "嘉兴", "Jiaxing", "浙江省", "330400", 30.75, 120.76, "南湖区"),
        ("TXN", "台州", "Taizhou", "浙江省", "331000", 28.66, 121.42, "椒江区"),
        ("WEF", "潍坊", "Weifang", "山东省", "370700", 36.71, 119.16, "奎文区"),
        ("BAD", "保定", "Baoding", "河北省", "130600", 38.87, 115.46, "莲池区"),
        ("TGS", "唐山", "Tangshan", "河北省", "130200", 39.63, 118.18, "路南区"),
        ("HZX", "惠州", "Huizhou", "广东省", "441300", 23.11, 114.42, "惠城区"),
        ("ZSN", "中山", "Zhongshan", "广东省", "442000", 22.52, 113.39, "小榄镇"),
    )
)  # fmt: skip

PORTS = (
    Port("CNSHA", "上海港", "Port of Shanghai", 31.34, 121.65, "Asia/Shanghai", ("CNSGH", "洋山港", "Shanghai, CN")),
    Port("CNNGB", "宁波舟山港", "Port of Ningbo-Zhoushan", 29.93, 121.85, "Asia/Shanghai", ("CNNBO", "宁波港", "Ningbo, CN")),
    Port("CNYTN", "深圳盐田港", "Port of Yantian", 22.57, 114.28, "Asia/Shanghai", ("盐田港", "盐田", "Yantian, CN")),
    Port("CNSHK", "深圳蛇口港", "Port of Shekou", 22.47, 113.88, "Asia/Shanghai", ("蛇口港", "蛇口", "Shekou, CN")),
    Port("CNNSA", "广州南沙港", "Port of Nansha", 22.63, 113.68, "Asia/Shanghai", ("南沙港", "南沙", "Nansha, CN")),
    Port("CNGZG", "广州港", "Port of Guangzhou", 23.09, 113.45, "Asia/Shanghai", ("CNGZU", "CNCAN", "黄埔港", "Guangzhou, CN")),
    Port("CNTAO", "青岛港", "Port of Qingdao", 36.02, 120.22, "Asia/Shanghai", ("CNQDG", "Qingdao, CN")),
    Port("CNTXG", "天津新港", "Port of Tianjin Xingang", 38.98, 117.77, "Asia/Shanghai", ("CNXGG", "新港", "天津港", "Xingang, CN")),
    Port("CNXMN", "厦门港", "Port of Xiamen", 24.45, 118.02, "Asia/Shanghai", ("CNXAM", "Xiamen, CN")),
    Port("CNDLC", "大连港", "Port of Dalian", 38.95, 121.85, "Asia/Shanghai", ("CNDAL", "Dalian, CN")),
    Port("CNLYG", "连云港", "Port of Lianyungang", 34.75, 119.45, "Asia/Shanghai", ("连云港港", "Lianyungang, CN")),
    Port("CNFOC", "福州港", "Port of Fuzhou", 25.98, 119.47, "Asia/Shanghai", ("CNFZH", "Fuzhou, CN")),
    Port("CNZUH", "珠海港", "Port of Zhuhai", 22.24, 113.58, "Asia/Shanghai", ("高栏港",)),
    Port("CNZJG", "张家港", "Port of Zhangjiagang", 31.97, 120.40, "Asia/Shanghai", ("张家港港",)),
    Port("CNNJG", "南京港", "Port of Nanjing", 32.10, 118.74, "Asia/Shanghai", ("CNNKG", "龙潭港")),
    Port("HKHKG", "香港葵青港", "Port of Hong Kong", 22.33, 114.12, "Asia/Hong_Kong", ("葵青", "Kwai Tsing", "香港港")),
    Port("KRPUS", "釜山港", "Port of Busan", 35.10, 129.04, "Asia/Seoul", ("釜山", "Busan", "Pusan")),
    Port("JPTYO", "东京港", "Port of Tokyo", 35.62, 139.79, "Asia/Tokyo", ("东京", "Tokyo")),
    Port("SGSIN", "新加坡港", "Port of Singapore", 1.26, 103.82, "Asia/Singapore", ("新加坡", "Singapore")),
    Port("MYTPP", "丹戎帕拉帕斯港", "Port of Tanjung Pelepas", 1.36, 103.55, "Asia/Kuala_Lumpur", ("Tanjung Pelepas",)),
    Port("VNSGN", "胡志明港", "Port of Ho Chi Minh City", 10.77, 106.71, "Asia/Ho_Chi_Minh", ("胡志明", "Cat Lai", "Ho Chi Minh")),
    Port("VNHPH", "海防港", "Port of Haiphong", 20.87, 106.69, "Asia/Ho_Chi_Minh", ("海防", "Haiphong")),
    Port("VNVUT", "头顿盖梅港", "Port of Cai Mep", 10.52, 107.03, "Asia/Ho_Chi_Minh", ("盖梅", "Cai Mep", "Vung Tau")),
    Port("THLCH", "林查班港", "Port of Laem Chabang", 13.08, 100.88, "Asia/Bangkok", ("林查班", "Laem Chabang")),
    Port("IDJKT", "雅加达港", "Port of Jakarta", -6.10, 106.88, "Asia/Jakarta", ("雅加达", "Tanjung Priok", "Jakarta")),
    Port("NLRTM", "鹿特丹港", "Port of Rotterdam", 51.95, 4.05, "Europe/Amsterdam", ("鹿特丹", "Rotterdam")),
    Port("DEHAM", "汉堡港", "Port of Hamburg", 53.53, 9.94, "Europe/Berlin", ("汉堡", "Hamburg")),
    Port("BEANR", "安特卫普港", "Port of Antwerp", 51.28, 4.30, "Europe/Brussels", ("安特卫普", "Antwerp")),
    Port("GBFXT", "费利克斯托港", "Port of Felixstowe", 51.95, 1.32, "Europe/London", ("费利克斯托", "Felixstowe")),
    Port("USLAX", "洛杉矶港", "Port of Los Angeles", 33.74, -118.26, "America/Los_Angeles", ("洛杉矶", "Los Angeles")),
    Port("USNYC", "纽约港", "Port of New York", 40.67, -74.05, "America/New_York", ("纽约", "New York")),
)  # fmt: skip
