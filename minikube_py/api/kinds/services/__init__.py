"""What a Service is: its defaults, what it is given, what it may be and how it may change.

create   defaults -> allocation.allocate_create -> validation.validate_create
update   defaults -> change.patch_allocated, allocation.allocate_update -> change.drop_by_type ->
         validation.validate_update
"""
