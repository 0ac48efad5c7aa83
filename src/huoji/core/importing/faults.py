"""What may be wrong with a row or a cell, in words that say what to do: one table, Chinese and English."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from huoji.core.wording import Lang


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A row that was not taken, or a cell of a row that was taken without it (a warning)."""

    row: int
    code: str
    column: str = ""
    is_warning: bool = False


WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        # the row is not taken
        "missing_number": ("没有单号：请填写后重新导入本行", "No number: fill it in and import this row again"),
        "invalid_number": ("单号无法使用：应为 1 至 80 个字母、数字或短横线", "The number cannot be used: 1 to 80 letters, digits and dashes"),
        "missing_time": ("有轨迹状态但没有时间：请补上时间", "A state without a time: fill in when it happened"),
        "invalid_time": ("时间无法识别：请写成 2026-11-23 14:05", "The time cannot be read: write it as 2026-11-23 14:05"),
        "missing_state": ("有时间但没有轨迹状态：请补上状态", "A time without a state: fill in what happened"),
        "nothing_to_tell": ("本行没有任何轨迹：请检查列的对应关系", "The row tells of no event: check which columns were chosen"),
        "number_taken": ("此单号属于他人的运单：请使用分配给您的单号", "The number belongs to a shipment of somebody else: use the number that was given to yours"),
        "id_conflict": ("此轨迹编号以前用于不同的内容：请换新的编号", "This event id was used before with other content: give it a new id"),
        "too_many_events": ("该运单的轨迹已达上限", "The shipment has as many events as are kept"),
        "missing_line": ("没有业务线：请补上，或在导入页选定一个", "No business line: fill it in, or choose one for the whole file"),
        "invalid_shipment": ("运单内容无法保存：请缩短或改正", "The shipment cannot be kept as told: shorten or correct it"),
        # found while the table itself is read
        "ragged": ("列数与表头不同：请检查分隔符和引号", "Not as many cells as the header: check separators and quotes"),
        "quoting": ("引号不成对：请检查本行", "Quotes do not match: check this row"),
        "nul": ("含有 NUL 字符：请清除后重新导入", "Holds NUL characters: remove them and import again"),
        "control_characters": ("含有控制字符：请清除后重新导入", "Holds control characters: remove them and import again"),
        "cell_too_long": ("单元格文字过长：请缩短", "A cell is too long: shorten it"),
        "lost_digits": ("数字过长，表格软件已丢失末尾数字：请把该列设为文本格式后重新填写", "The number is too long for a spreadsheet and lost its last digits: format the column as text and fill it in again"),
        # the row is taken, without this
        "unknown_state": ("不认识这个状态：已按原文保留为“物流信息更新”", "This state is unknown: kept as told, as information only"),
        "unknown_mode": ("不认识这种运输方式：已留空", "This transport mode is unknown: left empty"),
        "unknown_line": ("不认识这个业务线：已按整个文件的业务线处理", "This business line is unknown: the line of the whole file is used"),
        "unknown_reason": ("不认识这个原因：已留空", "This reason is unknown: left empty"),
        "unread_time": ("日期无法识别：已留空；请写成 2026-11-23", "The date cannot be read: left empty; write it as 2026-11-23"),
        "unread_decimal": ("不是数字：已留空", "Not a number: left empty"),
        "unread_count": ("件数应为 1 至 9999 的整数：已按 1 件处理", "Pieces must be a whole number from 1 to 9,999: taken as 1"),
        "cut": ("文字过长：已截短", "The text is too long: cut"),
        "two_values": ("同一单号各行内容不同：已采用第一行的（承诺时间用最晚的）", "Rows of one number differ: the first is used (for a promised time, the latest)"),
        "duplicate_row": ("与前面某行完全相同：不重复计算", "The same as an earlier row in every cell: counted once"),
    }
)  # fmt: skip


def explain(code: str, *, lang: Lang) -> str:
    """Return what is wrong and what to do; an unknown code stands for itself."""
    return WORDS[code][lang] if code in WORDS else code


FAILURES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        # the file cannot be read at all
        "encoding": ("文字编码无法识别：请另存为 UTF-8 或 GBK 编码的 CSV,或 XLSX", "The encoding is not one we know: save the file as CSV in UTF-8 or GBK, or as XLSX"),
        "empty": ("文件里没有表头", "The file holds no header row"),
        "not_a_table": ("这不是表格文件：请另存为 XLSX 或 CSV", "This is not a table: save it as XLSX or CSV"),
        "not_a_workbook": ("工作簿无法读取：请在表格软件中打开后另存为 XLSX", "The workbook cannot be read: open it in a spreadsheet and save it as XLSX"),
        "encrypted": ("工作簿有密码保护：请去掉密码后重新上传", "The workbook is protected by a password: remove it and upload again"),
        "too_large": ("文件过大：请拆成几个文件", "The file is too large: cut it into several"),
        "too_many_rows": ("行数过多（上限 200,000 行）:请拆成几个文件", "Too many rows (the limit is 200,000): cut the file into several"),
        "too_many_columns": ("列数过多（上限 200 列）:请删去不用的列", "Too many columns (the limit is 200): remove those not needed"),
        "too_many_cells": ("表格范围过大：请删去空白的行列后另存", "The sheet spans too many cells: remove empty rows and columns and save it again"),
        "quoting": ("表头的引号不成对：请检查第一行", "The quotes of the header do not match: check the first row"),
        "error_file": ("这是导入后的问题文件，同一行可能出现多次：请改正原文件后重新导入", "This is the file of problems of an import, where a row may stand several times: correct the original file and import that"),
        # the import stopped on its way
        "disk_full": ("磁盘已满，导入已停止；已导入的部分完好。请腾出空间后点“继续”", "The disk is full and the import stopped; what was imported is kept. Free some space, then choose Continue"),
        "database": ("数据库中断，导入已停止；已导入的部分完好。请点“继续”", "The database went away and the import stopped; what was imported is kept. Choose Continue"),
        "file_gone": ("上传的文件已不在：请重新上传", "The uploaded file is gone: upload it again"),
        "parking_full": ("等待运单的轨迹过多：请先创建这些运单，再点“继续”", "Too many events wait for their shipments: create those first, then choose Continue"),
        "internal": ("程序出错，导入已停止；已导入的部分完好。请把批次号告诉信息管理员", "An error of the program stopped the import; what was imported is kept. Tell the IT administrator the number of the batch"),
    }
)  # fmt: skip


def failure(code: str, *, lang: Lang) -> str:
    """Return why a file was not taken and what to do; an unknown code stands for itself."""
    return FAILURES[code][lang] if code in FAILURES else code
