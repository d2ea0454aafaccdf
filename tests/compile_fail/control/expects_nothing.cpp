static_assert(sizeof(char) == 2, "nobody said what to expect");
