"""What HorizontalPodAutoscalers are made of."""
