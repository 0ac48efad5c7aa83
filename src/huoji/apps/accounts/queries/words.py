"""What codes of accounts are called by people: roles, permissions, scopes and the verbs of the audit."""

from collections.abc import Collection, Mapping

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from huoji.core.permission import KeyScope, Permission, Scope

Words = str | Promise

ROLES: Mapping[str, Words] = {
    "cs_manager": _("客服经理"),
    "cs_supervisor": _("客服主管"),
    "cs_agent": _("客服专员"),
    "cs_chief_clerk": _("客户服务总文员"),
    "general_manager": _("总经理"),
    "vp_in_charge": _("分管经理"),
    "dept_manager": _("部门经理"),
    "dept_clerk": _("部门文员"),
    "dispatch": _("调度"),
    "warehouse": _("仓库"),
    "outlet": _("网点"),
    "courier": _("取派员"),
    "driver": _("司机"),
    "finance": _("财务"),
    "it_admin": _("信息管理员"),
}

PERMISSIONS: Mapping[Permission, Words] = {
    Permission.SHIPMENT_VIEW: _("查看运单"),
    Permission.SHIPMENT_CREATE: _("下单"),
    Permission.SHIPMENT_EDIT: _("改单"),
    Permission.EVENT_ADD: _("登记轨迹"),
    Permission.EVENT_CORRECT: _("更正轨迹"),
    Permission.SCAN_ADD: _("扫描"),
    Permission.EXCEPTION_HANDLE: _("处理异常"),
    Permission.EXCEPTION_NOTICE: _("代表客服受理异常"),
    Permission.IMPORT_RUN: _("导入"),
    Permission.IMPORT_UNDO: _("撤销导入"),
    Permission.PARTY_UNMASK: _("查看完整个人信息"),
    Permission.PARTY_SEARCH: _("按姓名或电话查找"),
    Permission.EXPORT_RUN: _("导出"),
    Permission.LABEL_PRINT: _("打印面单"),
    Permission.RAW_VIEW: _("查看原始数据"),
    Permission.PLACE_MANAGE: _("管理网点"),
    Permission.CUSTOMER_VIEW: _("查看客户"),
    Permission.CUSTOMER_MANAGE: _("管理客户"),
    Permission.STAFF_MANAGE: _("管理员工"),
    Permission.ROLE_MANAGE: _("管理角色"),
    Permission.APIKEY_MANAGE: _("管理 API 密钥"),
    Permission.SETTINGS_MANAGE: _("管理设置"),
    Permission.HEALTH_VIEW: _("查看系统健康"),
    Permission.AUDIT_VIEW: _("查看审计"),
    Permission.CASE_CREATE: _("受理客户"),
    Permission.CASE_REPLY: _("答复客户"),
    Permission.CASE_FINDING: _("登记查询结果"),
    Permission.CASE_ASSIGN: _("分派工单"),
    Permission.CASE_ALL: _("查看所有部门的工单"),
    Permission.FLEET_VIEW: _("查看车队"),
    Permission.FLEET_MANAGE: _("管理车船与终端"),
    Permission.TERMINAL_COMMAND: _("向终端下发指令"),
    Permission.COMMAND_APPROVE: _("批准改变终端去向的指令"),
    Permission.ALARM_HANDLE: _("受理车船报警"),
    Permission.TRACK_REPLAY: _("回放轨迹"),
    Permission.POSITION_REPORT: _("上报位置"),
    Permission.SENSOR_MANAGE: _("设置传感器限值"),
    Permission.SENSOR_REPORT: _("上报传感器读数"),
    Permission.STORAGE_VIEW: _("查看库存"),
    Permission.STORAGE_RECORD: _("登记出入库"),
    Permission.STORAGE_MANAGE: _("管理库位与库存差异"),
    Permission.SOLUTION_AUTHOR: _("制定解决措施"),
    Permission.COMPENSATION_APPROVE: _("批准赔偿"),
    Permission.PREVENTION_APPROVE: _("批准预防措施"),
    Permission.POLICY_MANAGE: _("设置时限与政策"),
    Permission.REPORT_VIEW: _("查看报表"),
}

SCOPES: Mapping[Scope, Words] = {
    Scope.ALL: _("全部运单"),
    Scope.SITES: _("本网点的运单"),
    Scope.PARTY: _("本方的运单"),
    Scope.NONE: _("无"),
}

KEY_SCOPES: Mapping[KeyScope, Words] = {
    KeyScope.SHIPMENTS_READ: _("查询运单"),
    KeyScope.SHIPMENTS_WRITE: _("下单与改单"),
    KeyScope.EVENTS_WRITE: _("上报轨迹"),
    KeyScope.EXCEPTIONS_HANDLE: _("处理异常"),
    KeyScope.CASES_WRITE: _("受理客户"),
    KeyScope.RUNS_WRITE: _("维护运行计划"),
    KeyScope.IMPORTS_WRITE: _("导入"),
    KeyScope.CUSTOMERS_READ: _("查看客户"),
    KeyScope.CUSTOMERS_WRITE: _("管理客户"),
    KeyScope.PLACES_WRITE: _("维护站点"),
    KeyScope.STORAGE_READ: _("查询库存"),
    KeyScope.STORAGE_WRITE: _("登记出入库"),
    KeyScope.METRICS_READ: _("读取运行指标"),
    KeyScope.READINGS_WRITE: _("上报传感器读数"),
    KeyScope.POSITIONS_WRITE: _("上报位置"),
    KeyScope.FLEET_READ: _("查看车队"),
    KeyScope.TRACKS_READ: _("回放轨迹"),
}


def key_scope_choices(offered: Collection[KeyScope]) -> list[tuple[KeyScope, Words]]:
    """Return these scopes for a form, with the code: the guides call scopes by it."""
    return [
        (scope, format_lazy("{words} · {code}", words=words, code=scope.value))
        for scope, words in KEY_SCOPES.items()
        if scope in offered
    ]


def role_name(code: str, *, own: str) -> Words:
    """Return what a role is called: its own name, else that of the default role, else its code."""
    return own or ROLES.get(code, code)


FACTORS: Mapping[str, Words] = {
    "totp": _("验证器应用"),
    "webauthn": _("通行密钥"),
    "recovery_codes": _("恢复码"),
}

VERBS: Mapping[str, Words] = {
    "session.start": _("登录"),
    "session.end": _("退出登录"),
    "session.refuse": _("密码错误"),
    "session.revoke": _("结束登录"),
    "password.change": _("修改密码"),
    "password.reset": _("重置密码"),
    "totp.activate": _("启用验证器应用"),
    "totp.deactivate": _("停用验证器应用"),
    "recovery_codes.generate": _("生成恢复码"),
    "passkey.add": _("添加通行密钥"),
    "passkey.remove": _("移除通行密钥"),
    "second_factors.reset": _("清除两步验证"),
    "staff.create": _("新员工"),
    "staff.edit": _("修改员工"),
    "staff.leave": _("停用账号"),
    "staff.return": _("启用账号"),
    "department.create": _("新部门"),
    "department.edit": _("修改部门"),
    "role.create": _("新角色"),
    "role.edit": _("修改角色"),
    "role.reset": _("恢复默认权限"),
    "role.assign": _("授予角色"),
    "role.withdraw": _("收回角色"),
    "key.issue": _("签发密钥"),
    "key.revoke": _("停用密钥"),
    "conveyance.create": _("新车船"),
    "conveyance.edit": _("修改车船"),
    "terminal.create": _("新终端"),
    "terminal.admit": _("终端准入"),
    "terminal.block": _("停用终端"),
    "terminal.edit": _("修改终端读法"),
    "terminal.code": _("更换终端鉴权码"),
    "terminal.register": _("允许终端重新注册"),
    "terminal.fit": _("安装终端"),
    "terminal.take_off": _("拆下终端"),
    "command.request": _("申请终端指令"),
    "command.approve": _("批准终端指令"),
    "command.cancel": _("取消终端指令"),
    "alarm.acknowledge": _("受理车船报警"),
    "track.replay": _("回放轨迹"),
    "customer.create": _("新客户"),
    "customer.edit": _("修改客户"),
    "contact.add": _("添加联系人"),
    "contact.remove": _("移除联系人"),
    "alias.add": _("添加别名"),
    "alias.remove": _("移除别名"),
    "party.unmask": _("查看完整个人信息"),
    "party.search": _("按姓名或电话查找"),
    "party.alarm": _("查找过于频繁"),
    "event.add": _("登记轨迹"),
    "event.correct": _("更正轨迹"),
    "position.snapshot": _("保存位置快照"),
    "run.plan": _("编制运行计划"),
    "run.end": _("结束车次"),
    "exception.open": _("登记异常"),
    "exception.acknowledged": _("受理异常"),
    "exception.cause": _("登记异常原因"),
    "exception.cleared": _("解除异常"),
    "shipment.create": _("下单"),
    "shipment.export": _("导出运单"),
    "outbox.retry": _("重试未投递的消息"),
    "set_aside.retry": _("重试搁置的数据"),
    "set_aside.drop": _("丢弃搁置的数据"),
    "watch.set": _("设置传感器监测"),
    "watch.end": _("结束传感器监测"),
    "watch.export": _("导出传感器读数"),
    "conveyance.told": _("按 AIS 补全船舶资料"),
    "parked.discard": _("删除待认领轨迹"),
    "parked.retarget": _("改挂待认领轨迹"),
}
"""What the audit calls its verbs; one that is not here is shown by its code alone."""
