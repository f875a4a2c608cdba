"""One box over everything: how texts are folded, what people may mean, the index, and the sources of plugins."""
