"""Missing values filled several times over, and the several answers made one."""
