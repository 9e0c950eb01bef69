// Yes or no in an int: of a _Bool, the ABIs leave all bits but eight undefined, so that every caller would mask it.
#pragma once

typedef int bool;
enum { false, true };
