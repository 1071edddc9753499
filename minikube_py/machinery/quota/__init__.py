"""What objects use of a namespace's ResourceQuotas: apiserver's quota/v1 and pkg/quota/v1.

    amounts                                   quantities by resource name, and their arithmetic
    scopes                                    which objects a quota counts at all
    evaluator                                 what an evaluator tells, and the one that counts objects
    pods, services, volumeclaims, deviceclaims    evaluators that know more
    evaluators                                which resource has which

The server's admission and the quota controller both go by it.
"""
