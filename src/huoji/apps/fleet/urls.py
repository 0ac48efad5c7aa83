"""The addresses of the fleet in the workspace; web mounts them below /app/."""

from django.urls import URLPattern, path

from huoji.apps.fleet.views import alarms, commands, conveyances, dispatch, terminals

urlpatterns: list[URLPattern] = [
    path("dispatch/", dispatch.page, name="dispatch"),
    path("dispatch/objects", dispatch.objects, name="dispatch-objects"),
    path("dispatch/moved", dispatch.moved, name="dispatch-moved"),
    path("dispatch/token", dispatch.token, name="dispatch-token"),
    path("dispatch/<int:conveyance_id>", dispatch.one, name="dispatch-object"),
    path("dispatch/<int:conveyance_id>/track", dispatch.track, name="dispatch-track"),
    path("dispatch/<int:conveyance_id>/ask/<slug:command_kind>", dispatch.ask, name="dispatch-ask"),
    path("fleet/", conveyances.conveyance_list, name="conveyances"),
    path("fleet/vehicles/new", conveyances.vehicle_new, name="vehicle-new"),
    path("fleet/vessels/new", conveyances.vessel_new, name="vessel-new"),
    path("fleet/<int:conveyance_id>", conveyances.conveyance, name="conveyance"),
    path("fleet/<int:conveyance_id>/edit", conveyances.conveyance_edit, name="conveyance-edit"),
    path("fleet/alarms", alarms.alarm_list, name="alarms"),
    path("fleet/alarms/<int:alarm_id>/acknowledge", alarms.alarm_acknowledge, name="alarm-acknowledge"),
    path("fleet/commands", commands.command_list, name="commands"),
    path("fleet/commands/<int:command_id>/approve", commands.command_approve, name="command-approve"),
    path("fleet/commands/<int:command_id>/cancel", commands.command_cancel, name="command-cancel"),
    path("terminals/<int:terminal_id>/commands", commands.terminal_commands, name="terminal-commands"),
    path("terminals/<int:terminal_id>/ask/<slug:command_kind>", commands.command_new, name="command-new"),
    path("terminals/", terminals.terminal_list, name="terminals"),
    path("terminals/new", terminals.terminal_new, name="terminal-new"),
    path("terminals/<int:terminal_id>", terminals.terminal, name="terminal"),
    path("terminals/<int:terminal_id>/admit", terminals.terminal_admit, name="terminal-admit"),
    path("terminals/<int:terminal_id>/block", terminals.terminal_block, name="terminal-block"),
    path("terminals/<int:terminal_id>/code", terminals.terminal_code, name="terminal-code"),
    path("terminals/<int:terminal_id>/register", terminals.terminal_register, name="terminal-register"),
    path("terminals/<int:terminal_id>/edit", terminals.terminal_edit, name="terminal-edit"),
    path("terminals/<int:terminal_id>/fit", terminals.terminal_fit, name="terminal-fit"),
    path("terminals/<int:terminal_id>/take-off", terminals.terminal_take_off, name="terminal-take-off"),
]
