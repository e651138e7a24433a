"""What a call of the `home` toolset means in one home: words as said become commands on entities.

Pure: no I/O, no clock; the registry, what is known of the speaker and the time are arguments.

    names = HomeNames(registry)                                  # home_names: once per version of a registry
    plan(function, arguments, names, situation, now_ms)          # planning: HomePlan, or why there is none
    inverse(planned_command, state_before)                       # inverse: commands that take it back
    next_due(recurring, after_ms, time_zone)                     # said_time: of what happens again and again
"""
