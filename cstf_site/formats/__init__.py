"""How dates and times are written where Django chooses: on its forms and lists."""
