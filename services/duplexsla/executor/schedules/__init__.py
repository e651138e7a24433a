"""What is to happen later in the homes whose partitions are ours.

due_events        a schedule's moments, versions and events; which may be written at all. Pure
held_schedules    the schedules that we hold, and whose moment has come. Pure
what_was_said     which of them somebody means, and how they are told. Pure
schedule_pages    how a program lists, moves and cancels them
scheduler         writes them to their topic, and their events to the actions' topic
"""
